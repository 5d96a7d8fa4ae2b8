import { REDIS_ROLES, type RedisRole, type Service } from '../../service/definition/index.ts';
import { REDIS_COMPONENTS, REDIS_PORT, sharedLabels } from '../charts/index.ts';
import type { KubernetesObject } from './object.ts';

/** The secrets of one environment; passwords of URL-safe characters only, because they become part of addresses. */
export type SecretValues = {
  /** Of both roles of Redis, where the environment runs them. */
  readonly redisPassword: string;
  readonly postgresPassword: string;
  /** Addresses of Redis in both roles, where others run it; absent: the Secrets are made by someone else. */
  readonly redisUrl?: string;
  readonly redisCacheUrl?: string;
};

const PASSWORDS = ['redisPassword', 'postgresPassword'] as const;
const REDIS_URLS = { state: 'redisUrl', cache: 'redisCacheUrl' } as const satisfies Record<
  RedisRole,
  keyof SecretValues
>;

/**
 * The Secret objects that the manifests refer to, for those who apply by hand; no synthesized file holds them.
 * Throws when a password has a character that an address would need escaped, or when an address is none; the message
 * does not tell it.
 */
export function secretObjects(service: Service, values: SecretValues): readonly KubernetesObject[] {
  for (const name of PASSWORDS) {
    if (!/^[\w.~-]+$/.test(values[name])) throw new Error(`${name} must have letters, digits and . _ ~ - only`);
  }
  const secret = (name: string, stringData: Readonly<Record<string, string>>): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: service.namespace, labels: sharedLabels(service) },
    stringData,
    type: 'Opaque',
  });
  const { postgresPassword } = values;
  const url = `postgres://${service.name}:${postgresPassword}@postgres:5432/${service.name}`;
  return [
    secret('postgres', { password: postgresPassword, url }),
    ...redisSecrets(service.stores, values).map(([name, data]) => secret(name, data)),
  ];
}

function redisSecrets(
  { backend, redis }: Service['stores'],
  values: SecretValues,
): (readonly [name: string, data: Readonly<Record<string, string>>])[] {
  if (backend !== 'redis') return [];
  return REDIS_ROLES.flatMap((role) => {
    const name = REDIS_COMPONENTS[role];
    if (redis.kind === 'single') {
      const password = values.redisPassword;
      return [[name, { password, url: `redis://:${password}@${name}:${REDIS_PORT}` }] as const];
    }
    const url = values[REDIS_URLS[role]];
    if (url === undefined) return [];
    if (!URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol))
      throw new Error(`${REDIS_URLS[role]} must be an address such as rediss://user:password@redis.internal:6379`);
    return [[name, { url }] as const];
  });
}
