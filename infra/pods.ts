import type { Service } from '../service/definition/index.ts';

/** The values that say how many pods there can be. */
export type PodCounts = Pick<Service, 'release' | 'rollout' | 'scaling'>;

/**
 * Pods that can exist at once: never the wanted number alone, since a rollout at peak adds to it, those that stop
 * still finish requests, and a pod of the previous version is kept to compare the new one with.
 */
export function podsAtOnce(counts: PodCounts): number {
  return counts.scaling.max + podsBeside(counts);
}

/** Of them, those beside the ones that the autoscaler may ask for. */
export function podsBeside({ rollout, release }: Omit<PodCounts, 'scaling'>): number {
  return surgeOf({ rollout, release }) + rollout.draining + release.baseline;
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
  return 2 * scaling.max + surgeOf({ rollout, release }) + release.baseline;
}
