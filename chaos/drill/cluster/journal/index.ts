export { begun, dismissed, failed, findDone, forgotten, moved, openFaults } from './changes.ts';
export {
  EMPTY_JOURNAL,
  failedWish,
  FORMAT,
  RESULTS,
  type ClusterFault,
  type Done,
  type Journal,
  type Runner,
  type Stopped,
  type Wish,
} from './journal.ts';
export { formatJournal, parseJournal, type Read, type Unusable } from './parse-journal.ts';
export { journalStore, type JournalStore } from './store.ts';
export { MAX_TTL_MS } from './stored-schema.ts';
export type { Undo } from './undo.ts';
