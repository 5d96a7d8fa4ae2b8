import { compareVersions } from '../../service/definition/index.ts';
import type { Evidence, Figures, Sample } from './evidence.ts';
import type { Facts, RunningRevision } from './facts.ts';
import type { Inbox, State, Watch } from './state.ts';
import { targetsOf } from './targets.ts';

/** Everything that a decision on a watched release follows from, as it is now. */
export function evidenceOf(
  watch: Watch,
  state: State,
  { inbox, facts, sample }: { readonly inbox: Inbox; readonly facts: Facts; readonly sample?: Sample | undefined },
): Evidence {
  const { order } = watch;
  const { target, unusable } = targetsOf(state, facts, watch.hash, order?.target);
  const since = (time: number) => Math.max(0, facts.now - time);
  const frozen = inbox.freeze && inbox.freeze.until > facts.now ? inbox.freeze : undefined;
  return {
    at: facts.now,
    waited: since(watch.decidingSince ?? facts.now),
    resolved: watch.resolved ?? false,
    isCurrent: facts.gateway?.hash === watch.hash,
    ...(watch.firstReadyAt !== undefined && { age: since(watch.firstReadyAt) }),
    ...(watch.previous && { previous: watch.previous.hash }),
    answers: sample !== undefined,
    ...(sample && { sample: finite(sample) }),
    isPaused: facts.gateway?.paused ?? false,
    wasRolledBack: state.rolledBack.includes(watch.hash),
    ...(state.lastRollbackAt !== undefined && { sinceRollback: since(state.lastRollbackAt) }),
    safeFrom: newestBound([watch, ...facts.revisions].map(({ safeFrom }) => safeFrom)),
    ...(target && { target: { hash: target.hash, release: target.release, version: target.version } }),
    unusable,
    ...(facts.room !== undefined && needsPods(target, facts) && { room: facts.room }),
    ...(frozen && { frozen: { until: frozen.until, reason: frozen.reason } }),
    ...(order && { order: { by: order.name, reason: order.reason ?? 'no reason given' } }),
  };
}

/** At the start of a rollout the version before still has every pod: then nothing is to be admitted. */
function needsPods(target: RunningRevision | undefined, { gateway }: Facts): boolean {
  return target === undefined || target.ready < (gateway?.replicas ?? 0);
}

/** Shares of no requests are no numbers, and JSON cannot hold what is none. */
export function finite({ at, release, previous }: Sample): Sample {
  return {
    at,
    ...(release && { release: finiteFigures(release) }),
    ...(previous && { previous: finiteFigures(previous) }),
  };
}

function finiteFigures({ requests, failed, timed, fast }: Figures): Figures {
  const number = (value: number) => (Number.isFinite(value) ? value : 0);
  return { requests: number(requests), failed: number(failed), timed: number(timed), fast: number(fast) };
}

// A schema only ever grows: what any release has made of it stays, also when that release is gone back from.
function newestBound(bounds: readonly string[]): string {
  return bounds.reduce((newest, bound) => (compareVersions(bound, newest) > 0 ? bound : newest), '0.0.0');
}
