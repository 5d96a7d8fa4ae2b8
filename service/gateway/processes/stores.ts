import { randomBytes } from 'node:crypto';
import { createRedisSharedTier, type SharedTier } from '../../cache/index.ts';
import type { Config } from '../../config.ts';
import { toMilliseconds } from '../../definition/index.ts';
import {
  createMemoryLimits,
  createRedisLimits,
  createSharedLimits,
  withDownPolicy,
  type ReservingStore,
} from '../../limit/index.ts';
import type { Breaker } from '../../resilience/index.ts';
import type { BatchedKeyValueStore, KeyValueStore } from '../../store/key-value.ts';
import { createRedisKeyValue } from '../../store/redis-key-value.ts';
import { connectSubscriber } from '../../store/redis-subscriber.ts';
import { METRICS } from '../../telemetry/catalogue.ts';
import type { Cells } from '../../telemetry/cells.ts';
import type { Log } from '../../telemetry/log.ts';
import { Problem } from '../problem.ts';
import type { PrimaryLink } from './primary-link.ts';
import { guardCalls, judgeRedis } from './redis-guard.ts';
import { linkRedis, type RedisName } from './redis-link.ts';
import { traceCalls, traceLimits } from './traced-stores.ts';

/** Values of single callers; many can be read at once where the store can. */
type Values = KeyValueStore & Partial<Pick<BatchedKeyValueStore, 'getMany'>>;

/** The stores of a worker. */
export type Stores = {
  readonly limits: ReservingStore;
  /** Sessions and what else one caller has; a store that fails answers 503. */
  readonly values: Values;
  /** What the caches of all processes share. */
  readonly cache: SharedTier;
  /** Resolves when the stores can be asked, or after a moment in which they could not. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
};

/** What the choice of stores follows from. */
export type StoreOptions = {
  readonly config: Config;
  readonly link: PrimaryLink;
  /** Stand in front of Redis, one for each. */
  readonly breakers: Readonly<Record<RedisName, Breaker>>;
  readonly cells: Cells;
  readonly log: Log;
};

/** Redis where it is configured, in one role or both, else the primary; a worker that is alone counts limits itself, without a message. */
export function connectStores(options: StoreOptions): Stores {
  const { config, link, cells } = options;
  const local = createMemoryLimits({ trackedCallers: config.service.limits.trackedCallers });
  const countError = cells.counter(METRICS.storeErrors, { store: config.redis ? 'redis' : 'primary' });
  const countUnchecked = cells.counter(METRICS.limitDecisions, { decision: 'unchecked' });
  const onUnchecked = (): void => {
    countError();
    countUnchecked();
  };
  if (config.redis) return connectRedisStores(options, local, onUnchecked);
  const shared = createSharedLimits({ store: link.limits, ...sharingOf(config.service.limits) });
  return {
    limits: config.workers === 1 ? local : withDownPolicy(shared, { local, processes: config.workers, onUnchecked }),
    values: failingAsProblem(link.values, countError),
    cache: link.cache,
    ready: Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

function connectRedisStores(
  { config, breakers, cells, log }: StoreOptions,
  local: ReservingStore,
  onUnchecked: () => void,
): Stores {
  const { service, redis: address, redisCache: cacheAddress } = config;
  if (!address) throw new Error('There is no Redis to connect to');
  const { limits, stores, scaling, name } = service;
  const common = { settings: stores.redis, cells, log };
  const state = linkRedis({
    name: 'redis',
    address,
    without: `each worker admits its share of each limit, ${cacheAddress ? '' : 'nothing is shared, '}and sessions answer 503`,
    breaker: breakers.redis,
    ...common,
  });
  // Nothing is common to the roles, so that one which is lost, slow or full takes nothing from the other.
  const cache = cacheAddress
    ? linkRedis({
        name: 'redis-cache',
        address: cacheAddress,
        without: 'each worker keeps answers for itself alone',
        breaker: breakers['redis-cache'],
        ...common,
      })
    : state;
  const commandTimeoutMs = toMilliseconds(stores.redis.commandTimeout);
  const { cluster } = stores.redis;
  const subscriber = connectSubscriber({ address: cache.address, commandTimeoutMs, redis: cache.redis });
  const process = randomBytes(6).toString('hex');
  let calls = 0;
  const prefix = `${name}:`;
  const exact = createRedisLimits(state.redis, {
    prefix: `${prefix}limit:`,
    nextId: () => `${process}${(calls++).toString(36)}`,
    timeoutMs: commandTimeoutMs,
    cluster,
    breaker: state.breaker,
    classify: judgeRedis,
    onTrip: cells.counter(METRICS.limitTrips),
  });
  const shared = createSharedLimits({
    store: config.collector ? traceLimits(exact) : exact,
    ...sharingOf(limits),
    timeoutMs: commandTimeoutMs,
    cluster,
  });
  const tier = createRedisSharedTier({ redis: cache.redis, subscriber, prefix, onError: cache.countError });
  const traced: typeof traceCalls = config.collector ? traceCalls : (calls) => calls;
  const links = [...new Set([state, cache])];
  return {
    limits: withDownPolicy(shared, { local, processes: config.workers * scaling.min, onUnchecked }),
    values: failingAsProblem(
      traced(guardCalls(createRedisKeyValue(state.redis, prefix), state.guard)),
      state.countError,
    ),
    cache: {
      values: traced(guardCalls(tier.values, cache.guard, cache.countError)),
      leases: traced(guardCalls(tier.leases, cache.guard, cache.countError)),
      journal: guardCalls(tier.journal, cache.guard, cache.countError),
      listen: tier.listen,
    },
    ready: Promise.all(links.map(({ ready }) => ready)).then(() => undefined),
    async close() {
      exact.close();
      subscriber.disconnect();
      await Promise.all(links.map((link) => link.close()));
    },
  };
}

/** How limits are shared that are counted elsewhere. */
function sharingOf({ mode, lease, trackedCallers }: Config['service']['limits']) {
  const { tokens, lifetime, hotFrom } = lease;
  return { mode, lease: { tokens, lifetimeMs: toMilliseconds(lifetime), hotFrom }, trackedCallers };
}

/** A store whose failures are counted and answered as 503. */
function failingAsProblem(store: Values, count: () => void): Values {
  const { getMany } = store;
  const translate = (cause: unknown): never => {
    count();
    if (cause instanceof Problem) throw cause;
    throw new Problem('store-unavailable', { detail: 'The session store does not answer.', cause });
  };
  return {
    get: (key) => store.get(key).catch(translate),
    set: (key, value, lifetimeMs) => store.set(key, value, lifetimeMs).catch(translate),
    delete: (key) => store.delete(key).catch(translate),
    ...(getMany && { getMany: (keys: readonly string[]) => getMany(keys).catch(translate) }),
  };
}
