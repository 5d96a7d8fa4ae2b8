import type { Service } from '../../../../service/definition/index.ts';
import type { Proxied } from '../../../experiment.ts';

/** What a fault proxy needs to know of what it stands in front of. */
export type ProxiedKind = {
  readonly protocol: 'tcp' | 'http';
  /** Why no Service of this environment leads to it; undefined: one does. */
  readonly notHere: (service: Service) => string | undefined;
  /**
   * The Secret with its address. Who is connected already is not sent to the proxy: connections of a store are ended
   * by the store itself, on being told so. Absent: pods take each other's place, and with them connections.
   */
  readonly secret?: { readonly name: string; readonly key: string };
};

const notOwnRedis = ({ stores: { backend, redis } }: Service): string | undefined => {
  if (backend !== 'redis') return 'this environment has no Redis';
  return redis.kind === 'external' ? 'its Redis is run by others: no Service here leads to it' : undefined;
};

/** All that a Service may lead to, by the name of that Service. */
export const PROXIED: Readonly<Record<Proxied, ProxiedKind>> = {
  upstream: {
    protocol: 'http',
    notHere: ({ upstream }) => (upstream.deploy ? undefined : 'its upstream is run by others: no Service leads to it'),
  },
  redis: {
    protocol: 'tcp',
    notHere: (service) =>
      notOwnRedis(service) ??
      (service.stores.redis.kind === 'replicated'
        ? 'its Redis is replicated: Sentinels tell the addresses of its pods, and no Service is asked'
        : undefined),
    secret: { name: 'redis', key: 'url' },
  },
  'redis-cache': { protocol: 'tcp', notHere: notOwnRedis, secret: { name: 'redis-cache', key: 'url' } },
  postgres: {
    protocol: 'tcp',
    notHere: ({ datastores: { postgres } }) => {
      if (postgres.kind === 'cloudnativepg') return 'CloudNativePG turns the Services of its Postgres back';
      return postgres.kind === 'external' ? 'its Postgres is run by others: no Service leads to it' : undefined;
    },
    secret: { name: 'postgres', key: 'url' },
  },
};
