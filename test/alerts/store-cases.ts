import type { STORE_ALERTS } from '../../alerts/store-alerts.ts';
import { definition } from '../../service/definition/index.ts';
import { METRICS } from '../../service/telemetry/catalogue.ts';
import { exported, series, type AlertCase, type InputSeries } from './rule-test.ts';

const NAMESPACE = definition.prod.namespace;
const STATE = { store: 'redis' };
const CACHE = { store: 'redis-cache' };
const MEBIBYTE = 2 ** 20;
const HOUR = 3600;

const told = exported.bind(undefined, NAMESPACE);
/** Whether each server of the replicated state answers. */
const servers = (...values: readonly string[]) =>
  Object.assign(
    {},
    ...values.map((each, index) => told(METRICS.redisUp, { ...STATE, instance: `redis-${index}` }, each)),
  ) as InputSeries;
const reached = (job: string, values: string) => series(NAMESPACE, METRICS.up, { job }, values);
const memory = (store: object, used: string) => ({
  ...told(METRICS.redisMemoryUsed, { ...store }, used),
  ...told(METRICS.redisMemoryMax, { ...store }, `${256 * MEBIBYTE}x60`),
});
const connections = (active: string, idle: string) => ({
  ...told(METRICS.postgresConnections, { datname: 'sluice', state: 'active' }, active),
  ...told(METRICS.postgresConnections, { datname: 'sluice', state: 'idle' }, idle),
  ...told(METRICS.postgresMaxConnections, {}, '100x60'),
});

/** What promtool holds against each alert on a store. */
export const STORE_CASES: Readonly<Record<(typeof STORE_ALERTS)[number]['id'], readonly AlertCase[]>> = {
  RedisDown: [
    {
      title: 'the Redis of limits and sessions does not answer while the cache does',
      input: { ...servers('1x4 0x60', '1x4 0x60', '1x4 0x60'), ...told(METRICS.redisUp, CACHE, '1x60') },
      at: '3m',
      fires: { labels: STATE, description: 'Redis does not answer its exporter in sluice-prod: redis.' },
    },
    { title: 'it is away for less than a minute', input: told(METRICS.redisUp, CACHE, '1x4 0x2 1x20'), at: '1m45s' },
    {
      title: 'the cache, which has one server, does not answer',
      input: { ...servers('1x60', '1x60', '1x60'), ...told(METRICS.redisUp, CACHE, '1x4 0x60') },
      at: '3m',
      fires: { labels: CACHE, description: 'Redis does not answer its exporter in sluice-prod: redis-cache.' },
    },
    {
      title: 'of three servers one is left, which then refuses to write',
      input: servers('1x60', '1x4 0x60', '1x4 0x60'),
      at: '3m',
      fires: { labels: STATE, description: 'Redis does not answer its exporter in sluice-prod: redis.' },
    },
    { title: 'of three servers one is away, and the others serve', input: servers('1x60', '1x60', '0x60'), at: '15m' },
  ],
  RedisReplicaDown: [
    {
      title: 'of three servers one is away',
      input: servers('1x60', '1x60', '0x60'),
      at: '11m',
      fires: { labels: STATE, description: 'Only 2 servers of redis answer their exporter in sluice-prod.' },
    },
    { title: 'they are replaced one by one', input: servers('1x60', '1x60', '0x8 1x60'), at: '15m' },
    { title: 'so many are away that RedisDown tells', input: servers('1x60', '0x60', '0x60'), at: '15m' },
  ],
  PostgresDown: [
    {
      title: 'Postgres does not answer',
      input: told(METRICS.postgresUp, {}, '1x4 0x60'),
      at: '3m',
      fires: { labels: {}, description: 'Postgres does not answer its exporter in sluice-prod.' },
    },
    { title: 'it is away for less than a minute', input: told(METRICS.postgresUp, {}, '1x4 0x2 1x20'), at: '1m45s' },
  ],
  ExporterDown: [
    {
      title: 'one exporter is not there at all',
      input: reached('redis-exporter', '1x60'),
      at: '6m',
      fires: {
        labels: { job: 'postgres-exporter' },
        description: 'Prometheus does not reach postgres-exporter in sluice-prod.',
      },
    },
    {
      title: 'one exporter does not answer',
      input: { ...reached('redis-exporter', '1x4 0x60'), ...reached('postgres-exporter', '1x60') },
      at: '8m',
      fires: {
        labels: { job: 'redis-exporter' },
        description: 'Prometheus does not reach redis-exporter in sluice-prod.',
      },
    },
    {
      title: 'both answer',
      input: { ...reached('redis-exporter', '1x60'), ...reached('postgres-exporter', '1x60') },
      at: '10m',
    },
  ],
  RedisStateNearlyFull: [
    {
      title: 'limits and sessions fill four fifths',
      input: memory(STATE, `${208 * MEBIBYTE}x60`),
      at: '6m',
      fires: { labels: STATE, description: '81.25% of the memory of redis is used in sluice-prod.' },
    },
    { title: 'they fill three quarters', input: memory(STATE, `${192 * MEBIBYTE}x60`), at: '10m' },
    { title: 'a cache is full, as caches are', input: memory(CACHE, `${256 * MEBIBYTE}x60`), at: '10m' },
  ],
  RedisStateEvicted: [
    {
      title: 'limits or sessions are evicted',
      input: told(METRICS.redisEvictedKeys, STATE, '0+15x60'),
      at: '6m',
      fires: { labels: STATE, description: '1.00 keys a second are evicted from redis in sluice-prod.' },
    },
    {
      title: 'a cache evicts, as caches do',
      input: {
        ...told(METRICS.redisEvictedKeys, CACHE, '0+15x60'),
        ...told(METRICS.redisEvictedKeys, STATE, '7x60'),
      },
      at: '10m',
    },
  ],
  RedisClientsNearLimit: [
    {
      title: 'nine tenths of the connections to the cache are open',
      input: { ...told(METRICS.redisClients, CACHE, '900x60'), ...told(METRICS.redisClients, STATE, '20x60') },
      at: '6m',
      fires: { labels: CACHE, description: '90% of the connections of redis-cache are open in sluice-prod.' },
    },
    { title: 'a tenth is', input: told(METRICS.redisClients, STATE, '100x60'), at: '10m' },
  ],
  PostgresConnectionsNearLimit: [
    {
      title: 'clients hold most connections, active and idle together',
      input: connections('30x60', '55x60'),
      at: '6m',
      fires: { labels: {}, description: '85% of the connections of Postgres are open in sluice-prod.' },
    },
    { title: 'they hold half', input: connections('20x60', '30x60'), at: '10m' },
  ],
  PostgresNearlyFull: [
    {
      title: 'two databases fill three quarters of the volume together',
      input: {
        ...told(METRICS.databaseSize, { datname: 'sluice' }, `${7 * 1024 * MEBIBYTE}x60`),
        ...told(METRICS.databaseSize, { datname: 'postgres' }, `${512 * MEBIBYTE}x60`),
      },
      at: '11m',
      fires: { labels: {}, description: 'The databases take 75% of the volume of Postgres in sluice-prod.' },
    },
    {
      title: 'they fill half',
      input: told(METRICS.databaseSize, { datname: 'sluice' }, `${5 * 1024 * MEBIBYTE}x60`),
      at: '15m',
    },
  ],
  PostgresBackupOld: [
    {
      title: 'the last backup was yesterday, and today there was none',
      input: told(METRICS.backupFinished, {}, `${-27 * HOUR}x60`),
      at: '10m',
      fires: { labels: {}, description: 'The last whole backup in sluice-prod is 1d 3h 10m 0s old.' },
    },
    {
      title: 'the last backup was this night',
      input: told(METRICS.backupFinished, {}, `${-20 * HOUR}x60`),
      at: '10m',
    },
  ],
};
