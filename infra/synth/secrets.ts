import {
  DRILL_KEY,
  GUARD_TOKEN,
  isDrilled,
  isGuarded,
  PROBE_KEY,
  REDIS_ROLES,
  REDIS_STORES,
  type Service,
} from '../../service/definition/index.ts';
import { parseRedisAddress, RedisAddressError } from '../../service/store/redis-address.ts';
import { REDIS_PORT, redisUrl, sharedLabels } from '../charts/index.ts';
import { monitoringSecrets } from './monitoring-secrets.ts';
import type { KubernetesObject } from './object.ts';
import { postgresSecret } from './postgres-secret.ts';
import { REDIS_URLS, shownSecrets, wantedSecrets, type SecretValues } from './secret-values.ts';

export type { SecretValues } from './secret-values.ts';

/**
 * The Secret objects that the manifests refer to, for those who apply by hand; no synthesized file holds them.
 * Throws when a password is missing or has a character that an address would need escaped, or when an address is none;
 * the message does not tell it.
 */
export function secretObjects(service: Service, values: SecretValues): readonly KubernetesObject[] {
  for (const name of wantedSecrets(service).passwords) {
    if (!/^[\w.~-]+$/.test(values[name] ?? '')) throw new Error(`${name} must have letters, digits and . _ ~ - only`);
  }
  requireLong(service, values);
  const secret = (name: string, stringData: Readonly<Record<string, string>>, type = 'Opaque'): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: service.namespace, labels: sharedLabels(service) },
    stringData,
    type,
  });
  const postgres = postgresSecret(service, values);
  return [
    ...(postgres ? [secret('postgres', postgres.data, postgres.type)] : []),
    ...redisSecrets(service.stores, values).map(([name, data]) => secret(name, data)),
    ...monitoringSecrets(service, values).map(([name, data]) => secret(name, data)),
    ...(isGuarded(service) ? [secret(GUARD_TOKEN.secret, guardData(values))] : []),
    ...(isDrilled(service) ? [secret(DRILL_KEY.secret, { [DRILL_KEY.key]: values.drillKey ?? '' })] : []),
  ];
}

// What is shown over the network to whoever answers at an address is tried by others.
const LEAST_CHARACTERS = 32;

function requireLong(service: Service, values: SecretValues): void {
  for (const name of shownSecrets(service)) {
    if ((values[name] ?? '').length < LEAST_CHARACTERS)
      throw new Error(
        `${name} must have at least ${LEAST_CHARACTERS} characters, such as those of: openssl rand -hex 16`,
      );
  }
}

function guardData({ guardToken = '', probeKey = '' }: SecretValues): Readonly<Record<string, string>> {
  return { [GUARD_TOKEN.key]: guardToken, [PROBE_KEY.key]: probeKey };
}

function redisSecrets(
  { backend, redis }: Service['stores'],
  values: SecretValues,
): (readonly [name: string, data: Readonly<Record<string, string>>])[] {
  if (backend !== 'redis') return [];
  return REDIS_ROLES.flatMap((role) => {
    const name = REDIS_STORES[role];
    if (redis.kind !== 'external') {
      const password = values.redisPassword ?? '';
      return [[name, { password, url: redisUrl(redis, role, password) }] as const];
    }
    const url = values[REDIS_URLS[role]];
    if (url === undefined) return [];
    requireRedisAddress(REDIS_URLS[role], url);
    return [[name, { url }] as const];
  });
}

function requireRedisAddress(key: string, url: string): void {
  try {
    parseRedisAddress(url, { port: REDIS_PORT, db: 0 });
  } catch (error) {
    if (!(error instanceof RedisAddressError)) throw error;
    throw new Error(`${key} ${error.message}; such as ${error.example}`, { cause: error });
  }
}
