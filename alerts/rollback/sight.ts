import type { Sample } from './evidence.ts';
import type { Facts } from './facts.ts';
import type { Inbox, Signs } from './state.ts';

/** What the guard sees at one look. */
export type Sight = {
  readonly inbox: Inbox;
  readonly facts: Facts;
  /** What Prometheus said; absent: it was not asked, or did not answer. */
  readonly sample?: Sample | undefined;
  readonly signs: Signs;
};
