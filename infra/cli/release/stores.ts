import {
  parseInbox,
  parseRecord,
  parseSigns,
  parseState,
  STORES,
  StoredError,
  type Inbox,
  type ReleaseRecord,
  type Signs,
  type State,
} from '../../../alerts/rollback/index.ts';
import { parsePlain, plain } from '../../plain.ts';
import { quarantinesOf, type QuarantineList } from '../../cluster/quarantine.ts';
import type { Data } from './change.ts';
import type { Place } from './place.ts';

/** What the guard keeps, as far as it can be read. Every text in it is plain. */
export type Stores = {
  readonly state?: State;
  readonly inbox: Inbox;
  readonly signs?: Signs;
  readonly quarantined: QuarantineList;
  /** What is missing or cannot be read, in a sentence each. */
  readonly problems: readonly string[];
};

/** Records that could be read, the newest first, and in a sentence each why others could not. */
export type Records = { readonly records: readonly ReleaseRecord[]; readonly problems: readonly string[] };

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };

/** Reads it. Throws a ClusterError when the cluster cannot be read; what is wrong with the content is told with it. */
export async function readStores(place: Place): Promise<Stores> {
  const [guard, quarantine] = await Promise.all([readData(place, STORES.guard), readData(place, STORES.quarantine)]);
  const problems: string[] = [];
  for (const [name, data] of Object.entries({ [STORES.guard]: guard, [STORES.quarantine]: quarantine })) {
    if (!data) problems.push(`there is no ConfigMap ${name} in the namespace '${place.namespace}'`);
  }
  const attempt = <T>(key: string, parse: () => T): T | undefined => {
    try {
      return plainly(parse());
    } catch (error) {
      problems.push(unreadable(STORES.guard, key, error));
      return undefined;
    }
  };
  const state = attempt('state', () => parseState(guard?.state));
  const inbox = attempt('events, freeze', () => parseInbox(guard?.events, guard?.freeze));
  const signs = attempt('signs', () => parseSigns(guard?.signs));
  return {
    ...(guard && state && { state }),
    inbox: inbox ?? { events: [] },
    ...(guard && signs && { signs }),
    quarantined: quarantinesOf(quarantine),
    problems,
  };
}

/** Reads what the guard wrote down for good. Throws a ClusterError when the cluster cannot be read. */
export async function readRecords(place: Place): Promise<Records> {
  const data = await readData(place, STORES.releases);
  if (!data) {
    return {
      records: [],
      problems: [`there is no ConfigMap ${STORES.releases} in the namespace '${place.namespace}'`],
    };
  }
  const problems: string[] = [];
  const records = Object.entries(data).flatMap(([key, text]) => {
    try {
      return [plainly(parseRecord(text))];
    } catch (error) {
      problems.push(unreadable(STORES.releases, key, error));
      return [];
    }
  });
  return { records: records.toSorted((one, other) => other.endedAt - one.endedAt), problems };
}

async function readData({ reader, namespace }: Place, name: string): Promise<Data | undefined> {
  const found = await reader.find(CONFIG_MAP, namespace, name);
  return found && ((found.data as Data | undefined) ?? {});
}

/** Whoever can write a ConfigMap could else write to the terminal of whoever reads it. */
function plainly<T>(value: T): T {
  return parsePlain(JSON.stringify(value)) as T;
}

function unreadable(name: string, key: string, error: unknown): string {
  if (!(error instanceof StoredError)) throw error;
  return `the ConfigMap ${name} cannot be read at '${plain(key)}': ${plain(error.message)}`;
}
