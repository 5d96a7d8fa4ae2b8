import type { Service } from '../../service/definition/index.ts';
import type { Quantity } from './comparison.ts';

/**
 * Pods that can exist at once: never the wanted number alone, since a rollout at peak adds to it, those that stop
 * still finish requests, and a pod of the previous version is kept to compare the new one with.
 */
export function podsAtOnce(service: Pick<Service, 'release' | 'rollout' | 'scaling'>): Quantity {
  const { scaling, rollout, release } = service;
  const value = scaling.max + podsBeside(service);
  return {
    value,
    text:
      `${scaling.max} HPA max + ${rollout.surge} surge + ${rollout.draining} draining ` +
      `+ ${release.baseline} baseline = ${value} pods`,
  };
}

/** Of them, those beside the ones that the autoscaler may ask for. */
export function podsBeside({ rollout, release }: Pick<Service, 'release' | 'rollout'>): number {
  return rollout.surge + rollout.draining + release.baseline;
}
