import { toFraction, toMilliseconds, toPerSecond, type Service } from '../../service/definition/index.ts';

/** What the guard keeps to; times in milliseconds, shares from 0 to 1. */
export type Policy = {
  readonly mode: 'act' | 'dry-run';
  /** Share of failed requests above which a release is bad. */
  readonly errors: number;
  /** Share of fast requests below which a release is bad. */
  readonly fast: number;
  /** Requests in the window below which nothing is judged. */
  readonly minimumSample: number;
  /** From the first Ready pod of a release until it is proven good. */
  readonly watch: number;
  /** How long a rule holds before its alert starts: what the release did before anybody could know. */
  readonly pending: number;
  readonly patience: number;
  readonly cooldown: number;
  readonly withdrawnFor: number;
  /** From the first bad request to the end of the restore. */
  readonly restoreDeadline: number;
  /** From the first bad request to the decision; what the restore is left with is the rest. */
  readonly detectionDeadline: number;
  readonly restoreSurge: number;
  readonly timeToReady: number;
  /** Pods of the version before that are kept in the Service. */
  readonly baseline: number;
  readonly alertAge: number;
  readonly silence: number;
  /** Synthetic requests a second to each version; 0: none. */
  readonly probes: number;
  readonly probePaths: readonly string[];
};

// A P95 is above a limit when less than this share is below it.
const FAST_ENOUGH = 0.95;

/** The policy of an environment whose `release.guard.mode` is not `off`. */
export function policyOf({ release }: Pick<Service, 'release'>): Policy {
  const { guard } = release;
  return {
    mode: guard.mode === 'act' ? 'act' : 'dry-run',
    errors: toFraction(release.errors),
    fast: FAST_ENOUGH,
    minimumSample: release.minimumSample,
    watch: toMilliseconds(release.watch),
    pending: toMilliseconds(release.for),
    patience: toMilliseconds(release.patience),
    cooldown: toMilliseconds(release.cooldown),
    withdrawnFor: toMilliseconds(release.withdrawnFor),
    restoreDeadline: toMilliseconds(release.restoreDeadline),
    detectionDeadline: toMilliseconds(release.detectionDeadline),
    restoreSurge: release.restoreSurge,
    timeToReady: toMilliseconds(release.timeToReady),
    baseline: release.baseline,
    alertAge: toMilliseconds(guard.alertAge),
    silence: toMilliseconds(guard.silence),
    probes: release.probes === undefined ? 0 : toPerSecond(release.probes),
    probePaths: release.probePaths,
  };
}
