import type { REDIS_ALERTS } from '../../../alerts/redis-alerts.ts';
import { METRICS } from '../../../service/telemetry/catalogue.ts';
import type { CasesOf } from '../rule-test.ts';
import { counted, held, missing, together, type InputSeries } from '../samples.ts';
import { told } from './inputs.ts';

const STATE = { store: 'redis' };
const CACHE = { store: 'redis-cache' };
const MEBIBYTE = 2 ** 20;

const WELL = held([60, 1]);
const GONE = held([2, 1], [5, 0], [30, 1]);

/** Whether each server of the replicated state answers. */
const servers = (...values: readonly string[]): InputSeries =>
  together(...values.map((each, index) => told(METRICS.redisUp, { ...STATE, instance: `redis-${index}` }, each)));

const memory = (store: Readonly<Record<string, string>>, used: string): InputSeries =>
  together(told(METRICS.redisMemoryUsed, store, used), told(METRICS.redisMemoryMax, store, held([60, 256 * MEBIBYTE])));

/** Situations of Redis. */
export const REDIS_CASES: CasesOf<typeof REDIS_ALERTS> = {
  RedisDown: [
    {
      title: 'the Redis of limits and sessions does not answer while the cache does, and it explains what that burnt',
      input: together(servers(GONE, GONE, GONE), told(METRICS.redisUp, CACHE, WELL)),
      before: '2m45s',
      at: '11m45s',
      fires: { labels: STATE, description: 'Redis does not answer its exporter in sluice-prod: redis.' },
      over: '12m15s',
    },
    {
      title: 'it is away for less than a minute',
      input: told(METRICS.redisUp, CACHE, held([1, 1], [0.75, 0], [10, 1])),
      at: '2m',
    },
    {
      title: 'the cache, which has one server, does not answer',
      input: together(servers(WELL, WELL, WELL), told(METRICS.redisUp, CACHE, GONE)),
      at: '4m',
      fires: { labels: CACHE, description: 'Redis does not answer its exporter in sluice-prod: redis-cache.' },
    },
    {
      title: 'the cache does not answer, and its exporter misses a scrape now and then',
      input: together(servers(WELL, WELL, WELL), told(METRICS.redisUp, CACHE, missing(3, held([2, 1], [30, 0])))),
      at: '4m',
      fires: { labels: CACHE, description: 'Redis does not answer its exporter in sluice-prod: redis-cache.' },
    },
    {
      title: 'of three servers one is left, which then refuses to write',
      input: servers(WELL, GONE, GONE),
      at: '4m',
      fires: { labels: STATE, description: 'Redis does not answer its exporter in sluice-prod: redis.' },
    },
    {
      title: 'of three servers one is away, and the others serve',
      input: servers(WELL, WELL, held([60, 0])),
      at: '15m',
    },
    {
      title: 'of three servers two miss a scrape now and then, and all serve',
      input: servers(WELL, missing(3, WELL), missing(3, WELL)),
      at: '15m',
    },
  ],
  RedisReplicaDown: [
    {
      title: 'of three servers one is away for a quarter of an hour',
      input: servers(WELL, WELL, held([2, 1], [15, 0], [30, 1])),
      before: '11m45s',
      at: '12m',
      fires: { labels: STATE, description: 'Only 2 servers of redis answer their exporter in sluice-prod.' },
      over: '17m15s',
    },
    { title: 'they are replaced one by one', input: servers(WELL, WELL, held([2, 0], [30, 1])), at: '15m' },
    { title: 'so many are away that RedisDown tells', input: servers(WELL, held([60, 0]), held([60, 0])), at: '15m' },
  ],
  RedisStateNearlyFull: [
    {
      title: 'limits and sessions fill four fifths for ten minutes',
      input: memory(STATE, held([2, 100 * MEBIBYTE], [10, 208 * MEBIBYTE], [30, 100 * MEBIBYTE])),
      before: '6m45s',
      at: '7m',
      fires: { labels: STATE, description: '81.25% of the memory of redis is used in sluice-prod.' },
      over: '12m15s',
    },
    { title: 'they fill three quarters', input: memory(STATE, held([60, 192 * MEBIBYTE])), at: '10m' },
    { title: 'a cache is full, as caches are', input: memory(CACHE, held([60, 256 * MEBIBYTE])), at: '10m' },
  ],
  RedisStateEvicted: [
    {
      title: 'limits or sessions are evicted for ten minutes',
      input: told(METRICS.redisEvictedKeys, STATE, counted([2, 0], [10, 15], [20, 0])),
      before: '1m45s',
      at: '10m',
      fires: { labels: STATE, description: '1.00 keys a second are evicted from redis in sluice-prod.' },
      over: '18m',
    },
    {
      title: 'a cache evicts, as caches do',
      input: together(
        told(METRICS.redisEvictedKeys, CACHE, counted([20, 15])),
        told(METRICS.redisEvictedKeys, STATE, held([20, 7])),
      ),
      at: '10m',
    },
  ],
  RedisClientsNearLimit: [
    {
      title: 'nine tenths of the connections to the cache are open for ten minutes',
      input: together(
        told(METRICS.redisClients, CACHE, held([2, 20], [10, 900], [30, 20])),
        told(METRICS.redisClients, STATE, held([60, 20])),
      ),
      before: '6m45s',
      at: '7m',
      fires: { labels: CACHE, description: '90% of the connections of redis-cache are open in sluice-prod.' },
      over: '12m15s',
    },
    { title: 'a tenth is', input: told(METRICS.redisClients, STATE, held([60, 100])), at: '10m' },
  ],
};
