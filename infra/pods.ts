import { isGuarded, type Service } from '../service/definition/index.ts';

/** The values that say how many pods there can be. */
export type PodCounts = Pick<Service, 'release' | 'rollout' | 'scaling'>;

/**
 * Pods that can exist at once: never the wanted number alone, since a rollout at peak adds to it, those that stop
 * still finish requests, a pod of the previous version is kept to compare the new one with, and one of a release that was
 * withdrawn to find its fault.
 */
export function podsAtOnce(counts: PodCounts): number {
  return counts.scaling.max + podsBeside(counts);
}

/** Of them, those that the Service sends requests to, or did a moment ago. */
export function podsThatServe(counts: PodCounts): number {
  return podsAtOnce(counts) - withdrawnPods(counts);
}

/** Of all of them, those beside the ones that the autoscaler may ask for. */
export function podsBeside({ rollout, release }: Omit<PodCounts, 'scaling'>): number {
  return surgeOf({ rollout, release }) + rollout.draining + release.baseline + withdrawnPods({ release });
}

/** One more summand of pods, in words, where a release may be withdrawn. */
export function withdrawnText(counts: Pick<PodCounts, 'release'>): string {
  const pods = withdrawnPods(counts);
  return pods === 0 ? '' : ` + ${pods} withdrawn`;
}

/** Pods of a withdrawn release that the guard keeps, outside the Service. */
function withdrawnPods({ release }: Pick<PodCounts, 'release'>): number {
  return isGuarded({ release }) ? 1 : 0;
}

/** Pods above the wanted number: a rollout starts so many before it stops one, and a restore more of them. */
export function surgeOf({ rollout, release }: Omit<PodCounts, 'scaling'>): number {
  return Math.max(rollout.surge, release.restoreSurge);
}

/**
 * Pods of the gateway that the cluster must admit. A pod that finishes its streams counts until it is gone, which takes
 * longer than to replace the next ones: at the peak, all pods of a version that is withdrawn may be there beside those
 * that take their place.
 */
export function podsThatOverlap({ scaling, rollout, release }: PodCounts): number {
  return 2 * scaling.max + surgeOf({ rollout, release }) + release.baseline + withdrawnPods({ release });
}
