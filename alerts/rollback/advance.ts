import { noticed } from './notice.ts';
import { deciding } from './phases/deciding.ts';
import { rollingBack } from './phases/rolling-back.ts';
import type { Step } from './phases/step.ts';
import { verifying } from './phases/verifying.ts';
import { watching } from './phases/watching.ts';
import type { Policy } from './policy.ts';
import type { Sight } from './sight.ts';
import type { Phase, State } from './state.ts';
import { taken } from './take.ts';
import { tidied } from './tidy.ts';

export type { Sight } from './sight.ts';

const STEPS: Readonly<Partial<Record<Phase, Step>>> = {
  watching,
  deciding,
  'rolling-back': rollingBack,
  verifying,
};

/**
 * The next state; the very same object where nothing changes. At most one step of a release a look, and none without
 * a look at what the step before has led to: so it does not matter where a guard dies, or whether another goes on.
 */
export function advance(state: State, sight: Sight, policy: Policy): State {
  // Without a gateway there is nothing to judge, and nothing to go back to.
  if (!sight.facts.gateway) return state;
  const next = taken(noticed(tidied(state, sight.facts), sight, policy), sight);
  const step = STEPS[next.phase];
  return step && next.watch ? step(next, next.watch, sight, policy) : next;
}
