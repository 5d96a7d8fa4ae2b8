import { ClusterError } from '../kubernetes.ts';
import { DRILL } from '../names.ts';
import type { Place } from '../place.ts';
import { failedWish, type Journal } from './journal.ts';
import { formatJournal, parseJournal, type Read } from './parse-journal.ts';

/** The journal of a namespace, which several programs write. */
export type JournalStore = {
  /** Throws a StoredError where it cannot be used, and a ClusterError where it cannot be read. */
  readonly read: () => Promise<Read>;
  /**
   * Changes it by what it is now, again when somebody else changes it meanwhile; `change` gives the same object where
   * nothing is to be changed. What of it nobody can do anything by is noted as failed. Gives what stands there then. Throws as `read`, and when others keep writing.
   */
  readonly change: (change: (journal: Journal) => Journal) => Promise<Journal>;
};

const KEY = 'journal';
// A runner, a keeper and people; each writes a few times a minute.
const ATTEMPTS = 8;

/** The ConfigMap of drills, which the manifests bring. */
export function journalStore(place: Place): JournalStore {
  async function load(): Promise<{ readonly read: Read; readonly version: string }> {
    const { metadata, data = {} } = await place.require('ConfigMap', DRILL.journal);
    const { [KEY]: text } = data as Readonly<Record<string, string | undefined>>;
    return { read: parseJournal(text), version: metadata.resourceVersion ?? '' };
  }
  return {
    read: async () => (await load()).read,
    async change(change) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const { read, version } = await load();
        const before = withRefused(read);
        const next = change(before);
        if (next === read.journal) return next;
        const fields = { data: { [KEY]: formatJournal(next) } };
        if (await place.merge('ConfigMap', DRILL.journal, fields, version)) return next;
      }
      throw new ClusterError('failed', `the ConfigMap ${DRILL.journal} is changed by others all the time; try again`);
    },
  };
}

/** Whoever wrote such a wish learns of it as of any other that could not be done. */
function withRefused({ journal, unusable }: Read): Journal {
  const known = new Set(journal.done.map(({ id }) => id));
  const refused = unusable.flatMap(({ id, problem }) =>
    id === undefined || known.has(id) ? [] : [failedWish(id, `the wish cannot be used: ${problem}`)],
  );
  return unusable.length === 0 ? journal : { ...journal, done: [...journal.done, ...refused] };
}
