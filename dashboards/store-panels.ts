import {
  exportersOf,
  REDIS_STORES,
  toBytes,
  toSeconds,
  type RedisRole,
  type Service,
} from '../service/definition/index.ts';
import { METRICS, select, selectExported, type Metric } from '../service/telemetry/catalogue.ts';
import { WINDOW, type Panel } from './panel.ts';

/** Panels of what the exporters beside the stores tell. */
export const STORE_PANELS = [
  {
    id: 'redis-up',
    title: 'Redis',
    description:
      'Servers of each Redis that answer its exporter; one that is replicated takes no write with fewer than two.',
    unit: 'short',
    kind: 'stat',
    exporters: ['redis-exporter'],
    queries: (service) => eachRole(({ of }) => `sum by (namespace, store) (${of(service, METRICS.redisUp)})`),
    legends: ['{{store}}', '{{store}}'],
    threshold: () => ({ value: 1, bad: 'below' }),
  },
  {
    id: 'postgres-up',
    title: 'Postgres',
    description: 'Whether Postgres answers its exporter.',
    unit: 'short',
    kind: 'stat',
    exporters: ['postgres-exporter'],
    queries: ({ namespace }) => [`min by (namespace) (${selectExported(namespace, METRICS.postgresUp)})`],
    legends: ['postgres'],
    threshold: () => ({ value: 1, bad: 'below' }),
  },
  {
    id: 'exporters-up',
    title: 'Exporters',
    description:
      'Whether Prometheus reaches what tells of the stores; where it does not, the other panels stand still.',
    unit: 'short',
    kind: 'stat',
    exporters: ['redis-exporter', 'postgres-exporter'],
    queries: (service) => {
      const up = select(METRICS.up, { job: `=~${exportersOf(service).join('|')}`, namespace: service.namespace });
      return [`min by (job, namespace) (${up})`];
    },
    legends: ['{{job}}'],
    threshold: () => ({ value: 1, bad: 'below' }),
  },
  {
    id: 'postgres-backup-age',
    title: 'Age of the last backup',
    description: 'Time since the last whole backup; red when it is older than it may be.',
    unit: 's',
    kind: 'stat',
    exporters: ['postgres-exporter'],
    queries: ({ namespace }) => [`time() - max by (namespace) (${selectExported(namespace, METRICS.backupFinished)})`],
    legends: ['age'],
    threshold: ({ datastores }) => ({ value: toSeconds(datastores.postgres.backup.maxAge), bad: 'above' }),
  },
  {
    id: 'redis-memory',
    title: 'Memory of Redis',
    description: 'Share of what each Redis may hold. Full, the cache lets answers go, and the other refuses to write.',
    unit: 'percentunit',
    kind: 'timeseries',
    exporters: ['redis-exporter'],
    queries: (service) =>
      eachRole(
        ({ of }) =>
          `max by (namespace, store) (${of(service, METRICS.redisMemoryUsed)} / ${of(service, METRICS.redisMemoryMax)})`,
      ),
    legends: ['{{store}}', '{{store}}'],
  },
  {
    id: 'redis-evictions',
    title: 'Evicted by Redis',
    description: 'Keys per second that each Redis lets go to make room; a cache may, limits and sessions never.',
    unit: 'ops',
    kind: 'timeseries',
    exporters: ['redis-exporter'],
    queries: (service) =>
      eachRole(({ of }) => `sum by (namespace, store) (rate(${of(service, METRICS.redisEvictedKeys)}[${WINDOW}]))`),
    legends: ['{{store}}', '{{store}}'],
  },
  {
    id: 'redis-clients',
    title: 'Connections of Redis',
    description: 'Share of the connections that each Redis accepts.',
    unit: 'percentunit',
    kind: 'timeseries',
    exporters: ['redis-exporter'],
    queries: (service) =>
      eachRole(
        ({ role, of }) =>
          `max by (namespace, store) (${of(service, METRICS.redisClients)}) / ${service.stores.redis[role].maxClients}`,
      ),
    legends: ['{{store}}', '{{store}}'],
  },
  {
    id: 'postgres-connections',
    title: 'Connections of Postgres',
    description: 'Share of the connections that Postgres accepts, whoever has opened them.',
    unit: 'percentunit',
    kind: 'timeseries',
    exporters: ['postgres-exporter'],
    queries: ({ namespace }) => [
      `max by (namespace) (sum by (namespace, pod) (${selectExported(namespace, METRICS.postgresConnections)}) / ` +
        `sum by (namespace, pod) (${selectExported(namespace, METRICS.postgresMaxConnections)}))`,
    ],
    legends: ['open'],
  },
  {
    id: 'postgres-size',
    title: 'Volume of Postgres',
    description: 'Share of the volume that databases take; the rest is for the write-ahead log and for large sorts.',
    unit: 'percentunit',
    kind: 'timeseries',
    exporters: ['postgres-exporter'],
    queries: ({ namespace, datastores }) => [
      `max by (namespace) (sum by (namespace, pod) (${selectExported(namespace, METRICS.databaseSize)})) / ` +
        String(toBytes(datastores.postgres.storage)),
    ],
    legends: ['databases'],
  },
] as const satisfies readonly Panel[];

type OneRole = {
  readonly role: RedisRole;
  /** A metric of the Redis in this role. */
  readonly of: (service: Service, metric: Metric) => string;
};

/** A query for Redis in each of its roles, so that an alert can compare one of them. */
function eachRole(query: (role: OneRole) => string): readonly string[] {
  return Object.entries(REDIS_STORES).map(([role, store]) =>
    query({
      role: role as RedisRole,
      of: ({ namespace }, metric) => selectExported(namespace, metric, { store }),
    }),
  );
}
