import type { ServiceValues } from './schema.ts';
import type { SecretReference } from './secret-reference.ts';

/** Port of the guard, which withdraws a bad release. */
export const GUARD_PORT = 9465;

/** What Alertmanager shows the guard as `Authorization: Bearer`. */
export const GUARD_TOKEN: SecretReference = { secret: 'guard', key: 'token' };

/** Where Alertmanager tells the guard of a release; by its namespace, because the cluster's own runs in another. */
export function guardUrl(namespace: string): string {
  return `http://guard.${namespace}.svc:${GUARD_PORT}/alerts`;
}

const OWN_PROMETHEUS = 'http://prometheus:9090';
const OF_THE_OPERATOR = 'http://prometheus-operated.monitoring.svc:9090';

/** Where the guard asks for figures: the Prometheus that evaluates the rules of the environment. */
export function prometheusUrl({ monitoring }: Pick<ServiceValues, 'monitoring'>): string {
  return monitoring.kind === 'standalone' ? OWN_PROMETHEUS : (monitoring.prometheusUrl ?? OF_THE_OPERATOR);
}

/** Whether releases are judged. */
export function isGuarded({ release }: Pick<ServiceValues, 'release'>): boolean {
  return release.guard.mode !== 'off';
}
