import type { ServiceValues } from './schema.ts';
import type { SecretReference } from './secret-reference.ts';

/** Port of the guard, which withdraws a bad release. */
export const GUARD_PORT = 9465;

/** What Alertmanager shows the guard as `Authorization: Bearer`. */
export const GUARD_TOKEN: SecretReference = { secret: 'guard', key: 'token' };

/** What synthetic requests of the guard show a gateway, the same way. */
export const PROBE_KEY: SecretReference = { secret: 'guard', key: 'probe-key' };

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

/** What those who run the guard's receiver must give it. */
export function guardSecrets({
  release,
  monitoring,
}: Pick<ServiceValues, 'monitoring' | 'release'>): readonly SecretReference[] {
  if (!isGuarded({ release })) return [];
  const { urlFrom, token } = monitoring.receivers[release.guard.receiver ?? '']?.webhook ?? {};
  return [urlFrom, token].filter((reference) => reference !== undefined);
}

/** Whether releases are judged. */
export function isGuarded({ release }: Pick<ServiceValues, 'release'>): boolean {
  return release.guard.mode !== 'off';
}
