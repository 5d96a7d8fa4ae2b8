import type { ServiceValues } from './schema.ts';
import type { SecretReference } from './secret-reference.ts';

/** Port of the keeper, which injects the faults of drills and takes them back: metrics, and what it is told. */
export const DRILL_PORT = 9466;

/** Port at which a fault proxy in a cluster is told what to do by the keeper. */
export const DRILL_PROXY_PORT = 9467;

/** What whoever speaks to the keeper, or the keeper to a fault proxy, shows as `Authorization: Bearer`. */
export const DRILL_KEY: SecretReference = { secret: 'sluice-drill', key: 'drillKey' };

/**
 * The tier of `limits.tiers` that the load of a drill on a cluster belongs to, where the definition has it: a drill asks
 * as often as many callers together, for one of whom the limits are made.
 */
export const DRILL_TIER = 'drill';

/** Where the keeper is told to stop, from within its namespace or from another one. */
export function drillKeeperUrl(namespace: string): string {
  return `http://drill-keeper.${namespace}.svc:${DRILL_PORT}`;
}

/** Whether an environment runs drills, and with them what injects faults. */
export function isDrilled({ drills }: Pick<ServiceValues, 'drills'>): boolean {
  return drills.enabled;
}
