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
  return rollout.surge + rollout.draining + release.baseline;
}
