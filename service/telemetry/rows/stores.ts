import type { Metric } from '../metric.ts';

/**
 * What the exporters beside the stores tell, as far as a rule or panel asks for it; a test holds the rows against
 * their real pages. `store` is the label that the scrape of Redis adds: which of the two it is.
 */
export const STORE_METRICS = {
  redisUp: {
    name: 'redis_up',
    type: 'gauge',
    help: 'Whether Redis answered its exporter.',
    labels: ['store'],
    exporter: 'redis-exporter',
  },
  redisMemoryUsed: {
    name: 'redis_memory_used_bytes',
    type: 'gauge',
    help: 'Memory that Redis uses, data and overhead.',
    labels: ['store'],
    exporter: 'redis-exporter',
  },
  redisMemoryMax: {
    name: 'redis_memory_max_bytes',
    type: 'gauge',
    help: 'Memory at which Redis evicts or refuses.',
    labels: ['store'],
    exporter: 'redis-exporter',
  },
  redisClients: {
    name: 'redis_connected_clients',
    type: 'gauge',
    help: 'Connections of clients to Redis.',
    labels: ['store'],
    exporter: 'redis-exporter',
  },
  redisEvictedKeys: {
    name: 'redis_evicted_keys_total',
    type: 'counter',
    help: 'Keys that Redis let go to make room.',
    labels: ['store'],
    exporter: 'redis-exporter',
  },
  postgresUp: {
    name: 'pg_up',
    type: 'gauge',
    help: 'Whether Postgres answered its exporter.',
    labels: [],
    exporter: 'postgres-exporter',
  },
  postgresConnections: {
    name: 'pg_stat_activity_count',
    type: 'gauge',
    help: 'Connections of clients to Postgres by database and state.',
    labels: ['datname', 'server', 'state'],
    exporter: 'postgres-exporter',
  },
  postgresMaxConnections: {
    name: 'pg_settings_max_connections',
    type: 'gauge',
    help: 'Connections that Postgres accepts.',
    labels: ['server'],
    exporter: 'postgres-exporter',
  },
  databaseSize: {
    name: 'pg_database_size_bytes',
    type: 'gauge',
    help: 'Disk that a database takes.',
    labels: ['datname', 'server'],
    exporter: 'postgres-exporter',
  },
  backupFinished: {
    name: 'postgres_backup_finished_timestamp_seconds',
    type: 'gauge',
    help: 'When the last backup that is whole ended; before the first one, when the database was made.',
    labels: ['server'],
    exporter: 'postgres-exporter',
  },
} as const satisfies Readonly<Record<string, Metric>>;
