import { addEvent, withoutTaken } from '../events.ts';
import { formatInbox, formatSigns, formatState, parseInbox, parseSigns, parseState } from '../parse-state.ts';
import { STORES, type Signs, type State } from '../state.ts';
import { changeEntries, readConfigMap, requireChange, writeEntries, type Entries } from './config-map.ts';
import type { Connection } from './connection.ts';
import type { Kept, Store } from './guard-cluster.ts';
import type { NamespacePaths } from './namespace-paths.ts';

const NAME = STORES.guard;

/** The guard's ConfigMap of a namespace. */
export function guardStore(connection: Connection, paths: NamespacePaths): Store {
  return {
    async read() {
      const { entries, version } = await readConfigMap(connection, paths, NAME);
      return { ...keptIn(entries), version };
    },
    writeState(kept, state) {
      const data = { state: formatState(state), ...inboxLeft(kept, state) };
      return writeEntries(connection, paths, { name: NAME, version: kept.version }, data);
    },
    async addEvent(event) {
      let result: ReturnType<typeof addEvent>['result'] = 'full';
      const isStored = await changeEntries(connection, paths, NAME, (entries) => {
        const { state, inbox } = keptIn(entries);
        const added = addEvent(inbox, event, state.taken);
        result = added.result;
        return result === 'added' ? { events: formatInbox(added.inbox).events } : undefined;
      });
      if (!isStored) return 'busy';
      return RESULTS[result];
    },
    async writeSigns(signs) {
      await requireChange(connection, paths, NAME, (entries) => {
        const before = parseSigns(entries.signs);
        const after = newest(before, signs);
        const isNew = after.watchdog !== before.watchdog || after.prometheus !== before.prometheus;
        return isNew ? { signs: formatSigns(after) } : undefined;
      });
    },
    async writeFreeze(freeze) {
      await requireChange(connection, paths, NAME, ({ freeze: before }) => {
        const after = formatInbox({ events: [], ...(freeze && { freeze }) }).freeze;
        return before === after ? undefined : { freeze: after ?? null };
      });
    },
  };
}

const RESULTS = { added: 'accepted', duplicate: 'duplicate', full: 'busy' } as const;

function keptIn({ state, events, freeze, signs }: Entries): Omit<Kept, 'version'> {
  return { state: parseState(state), inbox: parseInbox(events, freeze), signs: parseSigns(signs) };
}

/** The events that a state did not take, where it took some. */
function inboxLeft({ inbox }: Kept, state: State): { readonly events?: string } {
  const left = withoutTaken(inbox, state);
  return left.events.length === inbox.events.length ? {} : { events: formatInbox(left).events };
}

function newest(before: Signs, { watchdog = 0, prometheus = 0 }: Partial<Signs>): Signs {
  return { watchdog: Math.max(before.watchdog, watchdog), prometheus: Math.max(before.prometheus, prometheus) };
}
