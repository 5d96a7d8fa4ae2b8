import type { Sample } from './evidence.ts';
import type { Facts } from './facts.ts';
import type { Policy } from './policy.ts';
import type { Inbox, Signs, State } from './state.ts';

/** What the guard sees at one look. */
export type Sight = {
  readonly inbox: Inbox;
  readonly facts: Facts;
  /** What Prometheus said; absent: it was not asked, or did not answer. */
  readonly sample?: Sample | undefined;
  readonly signs: Signs;
};

/** The next state; the very same object where nothing changes. */
export function advance(_state: State, _sight: Sight, _policy: Policy): State {
  throw new Error('not built yet');
}
