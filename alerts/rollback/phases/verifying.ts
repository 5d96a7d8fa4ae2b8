import { ended } from '../ends.ts';
import type { Facts } from '../facts.ts';
import type { Watch } from '../state.ts';
import { seconds } from '../words.ts';
import { findFailure } from './restore-failure.ts';
import type { Step } from './step.ts';

/**
 * The order is placed, and pods are being replaced. It is done when the good release has as many Ready pods as were
 * wanted, and the bad one has none; where that cannot be, or takes too long, people are called and nothing else moves.
 */
export const verifying: Step = (state, watch, { facts }, policy) => {
  const { restore, decidedAt = facts.now } = watch;
  if (!restore) return state;
  const { now } = facts;
  const { target } = restore;
  if (isRestored(watch, facts)) {
    const over = { ...watch, restore: { ...restore, finishedAt: now } };
    const withdrawn = { of: watch.hash, until: now + policy.withdrawnFor };
    const ending = `${target.hash} serves again, ${seconds(now - decidedAt)} after the decision`;
    return ended({ ...state, withdrawn }, over, 'restored', ending, now);
  }
  const failure = findFailure(target.hash, facts);
  if (failure !== undefined) return ended(state, watch, 'failed', failure, now);
  if (now <= restore.deadline) return state;
  const { ready, wanted } = count(watch, facts);
  const ending = `${ready} of ${wanted} pods of ${target.hash} are ready ${seconds(now - decidedAt)} after the decision`;
  return ended(state, watch, 'failed', ending, now);
};

function isRestored(watch: Watch, facts: Facts): boolean {
  const { ready, wanted, bad } = count(watch, facts);
  return facts.gateway?.hash === watch.restore?.target.hash && ready >= wanted && bad === 0;
}

function count({ hash: badHash, restore }: Watch, { gateway, revisions }: Facts) {
  const readyOf = (name: string | undefined) => revisions.find(({ hash }) => hash === name)?.ready ?? 0;
  return {
    ready: readyOf(restore?.target.hash),
    // Pods that a scaler adds meanwhile are no part of the restore, and those that it takes are not waited for.
    wanted: Math.min(gateway?.replicas ?? 0, restore?.replicas ?? 0),
    bad: readyOf(badHash),
  };
}
