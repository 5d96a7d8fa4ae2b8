export type { Act } from './act.ts';
export { advance, type Sight } from './advance.ts';
export { due, settled } from './due.ts';
export { addEvent, alertKey, MAX_EVENTS, orderKey, withoutTaken } from './events.ts';
export type { Evidence, Figures, Sample, Verdict } from './evidence.ts';
export { explainRecord, type Explanation, type RuleAnswer } from './explain.ts';
export type { Companion, Facts, Pace, RunningRevision } from './facts.ts';
export { judge } from './judge.ts';
export {
  formatInbox,
  formatSigns,
  formatState,
  parseInbox,
  parseRecord,
  parseSigns,
  parseState,
  StoredError,
} from './parse-state.ts';
export { policyOf, type Policy } from './policy.ts';
export { recordOf, type ReleaseRecord, type Timings } from './record.ts';
export type { Release, Revision } from './release.ts';
export {
  COMPANIONS,
  EMPTY_STATE,
  OUTCOMES,
  PHASES,
  STORES,
  type Freeze,
  type GuardEvent,
  type Inbox,
  type Outcome,
  type Owed,
  type Phase,
  type Proven,
  type Signs,
  type State,
  type Watch,
} from './state.ts';
