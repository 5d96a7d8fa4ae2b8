import { ended } from '../ends.ts';
import { slowest } from '../restore.ts';
import { findBan } from '../targets.ts';
import { seconds } from '../words.ts';
import { findFailure } from './restore-failure.ts';
import type { Step } from './step.ts';

/**
 * Decided and stored. It is ordered for as long as the Deployment does not want the target; a guard that was away for
 * a while goes on with it, but not for longer than a window: by then people have seen to it.
 */
export const rollingBack: Step = (state, watch, { facts }, policy) => {
  const { restore, decidedAt = facts.now } = watch;
  if (!restore) return state;
  if (facts.gateway?.hash === restore.target.hash) {
    // What is left counts from the order, so that a guard that was away has not used it up.
    const deadline = Math.max(restore.deadline, facts.now + slowest(restore.replicas, restore.during, policy));
    return {
      ...state,
      phase: 'verifying',
      watch: { ...watch, restore: { ...restore, orderedAt: facts.now, deadline } },
    };
  }
  if (policy.mode === 'dry-run') {
    return ended(
      state,
      watch,
      'dry-run',
      'the guard was told to do nothing before it had ordered the restore',
      facts.now,
    );
  }
  const failure = findFailure(restore.target.hash, facts);
  if (failure !== undefined) return ended(state, watch, 'failed', failure, facts.now);
  // A person may have banned it since.
  const ban = findBan(restore.target, state, facts);
  if (ban !== undefined) return ended(state, watch, 'failed', `${restore.target.hash} ${ban}`, facts.now);
  if (facts.now <= decidedAt + policy.watch) return state;
  const ending = `the restore of ${restore.target.hash} could not be ordered within ${seconds(policy.watch)}`;
  return ended(state, watch, 'failed', ending, facts.now);
};
