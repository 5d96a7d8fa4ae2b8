import { storeExportersOf, REDIS_STORES, toBytes, toSeconds, type RedisRole } from '../service/definition/index.ts';
import { METRICS, type Metric } from '../service/telemetry/catalogue.ts';
import {
  divide,
  max,
  min,
  rate,
  series,
  subtract,
  sum,
  time,
  type Expression,
  type Selection,
} from '../service/telemetry/expression/index.ts';
import { THRESHOLDS } from '../service/telemetry/thresholds.ts';
import type { Panel } from '../service/telemetry/panels/index.ts';

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
    queries: () => eachRole(({ of }) => sum(['namespace', 'store'], of(METRICS.redisUp))),
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
    queries: () => [min(['namespace'], series(METRICS.postgresUp))],
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
    queries: (service) => [
      min(['job', 'namespace'], series(METRICS.up, { job: `=~${storeExportersOf(service).join('|')}` })),
    ],
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
    queries: () => [subtract(time(), max(['namespace'], series(METRICS.backupFinished)))],
    legends: ['age'],
    threshold: ({ datastores }) => ({ value: toSeconds(datastores.postgres.backup.maxAge), bad: 'above' }),
  },
  {
    id: 'redis-memory',
    title: 'Memory of Redis',
    description:
      'Share of what each Redis may hold. Full, the cache lets answers go; the other refuses to write, and for it is the line.',
    unit: 'percentunit',
    kind: 'timeseries',
    exporters: ['redis-exporter'],
    queries: () =>
      eachRole(({ of }) =>
        max(['namespace', 'store'], divide(of(METRICS.redisMemoryUsed), of(METRICS.redisMemoryMax))),
      ),
    legends: ['{{store}}', '{{store}}'],
    threshold: () => ({ value: THRESHOLDS.redisMemoryUse, bad: 'above' }),
  },
  {
    id: 'redis-evictions',
    title: 'Evicted by Redis',
    description: 'Keys per second that each Redis lets go to make room; a cache may, limits and sessions never.',
    unit: 'ops',
    kind: 'timeseries',
    exporters: ['redis-exporter'],
    queries: () => eachRole(({ of }) => sum(['namespace', 'store'], rate(of(METRICS.redisEvictedKeys)))),
    legends: ['{{store}}', '{{store}}'],
  },
  {
    id: 'redis-clients',
    title: 'Connections of Redis',
    description: 'Share of the connections that each Redis accepts.',
    unit: 'percentunit',
    kind: 'timeseries',
    exporters: ['redis-exporter'],
    queries: ({ stores }) =>
      eachRole(({ role, of }) =>
        divide(max(['namespace', 'store'], of(METRICS.redisClients)), stores.redis[role].maxClients),
      ),
    legends: ['{{store}}', '{{store}}'],
    threshold: () => ({ value: THRESHOLDS.connectionUse, bad: 'above' }),
  },
  {
    id: 'postgres-connections',
    title: 'Connections of Postgres',
    description: 'Share of the connections that Postgres accepts, whoever has opened them.',
    unit: 'percentunit',
    kind: 'timeseries',
    exporters: ['postgres-exporter'],
    queries: () => [
      max(
        ['namespace'],
        divide(
          sum(['namespace', 'pod'], series(METRICS.postgresConnections)),
          sum(['namespace', 'pod'], series(METRICS.postgresMaxConnections)),
        ),
      ),
    ],
    legends: ['open'],
    threshold: () => ({ value: THRESHOLDS.connectionUse, bad: 'above' }),
  },
  {
    id: 'postgres-size',
    title: 'Volume of Postgres',
    description: 'Share of the volume that databases take; the rest is for the write-ahead log and for large sorts.',
    unit: 'percentunit',
    kind: 'timeseries',
    exporters: ['postgres-exporter'],
    queries: ({ datastores }) => [
      divide(
        max(['namespace'], sum(['namespace', 'pod'], series(METRICS.databaseSize))),
        toBytes(datastores.postgres.storage),
      ),
    ],
    legends: ['databases'],
    threshold: () => ({ value: THRESHOLDS.volumeUse, bad: 'above' }),
  },
] as const satisfies readonly Panel[];

type OneRole = {
  readonly role: RedisRole;
  /** A metric of the Redis in this role. */
  readonly of: (metric: Metric) => Selection;
};

/** A query for Redis in each of its roles, so that an alert can compare one of them. */
function eachRole(query: (role: OneRole) => Expression): readonly Expression[] {
  return Object.entries(REDIS_STORES).map(([role, store]) =>
    query({ role: role as RedisRole, of: (metric) => series(metric, { store }) }),
  );
}
