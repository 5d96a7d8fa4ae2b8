import { randomBytes } from 'node:crypto';
import { createRedisSharedTier, type SharedTier } from '../../cache/index.ts';
import type { Config } from '../../config.ts';
import { toMilliseconds } from '../../definition/index.ts';
import {
  createMemoryLimits,
  createRedisLimits,
  createSharedLimits,
  withDownPolicy,
  type LimitStore,
} from '../../limit/index.ts';
import type { Breaker } from '../../resilience/index.ts';
import type { BatchedKeyValueStore, KeyValueStore } from '../../store/key-value.ts';
import { createRedisKeyValue } from '../../store/redis-key-value.ts';
import { connectSubscriber } from '../../store/redis-subscriber.ts';
import { closeRedis, connectRedis, whenReady, type RedisConnection } from '../../store/redis.ts';
import { METRICS } from '../../telemetry/catalogue.ts';
import type { Cells } from '../../telemetry/cells.ts';
import type { Log } from '../../telemetry/log.ts';
import { Problem } from '../problem.ts';
import type { PrimaryLink } from './primary-link.ts';
import { guardCalls, guardRedis, judgeRedis } from './redis-guard.ts';

/** Values of single callers; many can be read at once where the store can. */
type Values = KeyValueStore & Partial<Pick<BatchedKeyValueStore, 'getMany'>>;

/** The stores of a worker. */
export type Stores = {
  readonly limits: LimitStore;
  /** Sessions and what else one caller has; a store that fails answers 503. */
  readonly values: Values;
  /** What the caches of all processes share. */
  readonly cache: SharedTier;
  /** Resolves when the stores can be asked, or after a moment in which they could not. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
};

const CONNECT_PATIENCE_MS = 1_000;

/** What the choice of stores follows from. */
export type StoreOptions = {
  readonly config: Config;
  readonly link: PrimaryLink;
  /** Stands in front of Redis. */
  readonly breaker: Breaker;
  readonly cells: Cells;
  readonly log: Log;
};

/** Redis where it is configured, else the primary; a worker that is alone counts limits itself, without a message. */
export function connectStores(options: StoreOptions): Stores {
  const { config, link, cells } = options;
  const local = createMemoryLimits({ trackedCallers: config.service.limits.trackedCallers });
  const countError = cells.counter(METRICS.storeErrors, { store: config.redis ? 'redis' : 'primary' });
  const countUnchecked = cells.counter(METRICS.limitDecisions, { decision: 'unchecked' });
  const onUnchecked = (): void => {
    countError();
    countUnchecked();
  };
  if (config.redis) return connectRedisStores(options, local, countError, onUnchecked);
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
  { config, breaker, cells, log }: StoreOptions,
  local: LimitStore,
  countError: () => void,
  onUnchecked: () => void,
): Stores {
  const { service, redis: address } = config;
  if (!address) throw new Error('There is no Redis to connect to');
  const { limits, stores, scaling, name } = service;
  const commandTimeoutMs = toMilliseconds(stores.redis.commandTimeout);
  const { cluster } = stores.redis;
  const redis = connectRedis({
    address,
    cluster,
    commandTimeoutMs,
    onStateChange: (state, reason) =>
      state === 'up'
        ? log.info(`redis at ${address.host}:${address.port} is back`)
        : log.warn(
            `redis at ${address.host}:${address.port} does not answer (${reason?.message ?? 'connection closed'}); ` +
              `until it does, ${cluster ? 'for all keys of a node that is lost, ' : ''}each worker admits its share of each limit, nothing is shared, and sessions answer 503`,
          ),
  });
  const subscriber = connectSubscriber({ address, commandTimeoutMs, redis });
  const guard = guardRedis(breaker);
  const process = randomBytes(6).toString('hex');
  let calls = 0;
  const prefix = `${name}:`;
  const exact = createRedisLimits(redis, {
    prefix: `${prefix}limit:`,
    nextId: () => `${process}${(calls++).toString(36)}`,
    timeoutMs: commandTimeoutMs,
    cluster,
    breaker,
    classify: judgeRedis,
    onTrip: cells.counter(METRICS.limitTrips),
  });
  const shared = createSharedLimits({
    store: exact,
    ...sharingOf(limits),
    timeoutMs: commandTimeoutMs,
    cluster,
  });
  const tier = createRedisSharedTier({ redis, subscriber, prefix, onError: countError });
  return {
    limits: withDownPolicy(shared, { local, processes: config.workers * scaling.min, onUnchecked }),
    values: failingAsProblem(guardCalls(createRedisKeyValue(redis, prefix), guard), countError),
    cache: {
      values: guardCalls(tier.values, guard),
      leases: guardCalls(tier.leases, guard),
      journal: guardCalls(tier.journal, guard),
      listen: tier.listen,
    },
    ready: connected(redis),
    async close() {
      exact.close();
      subscriber.disconnect();
      await closeRedis(redis, commandTimeoutMs);
    },
  };
}

/** How limits are shared that are counted elsewhere. */
function sharingOf({ mode, lease, trackedCallers }: Config['service']['limits']) {
  const { tokens, lifetime, hotFrom } = lease;
  return { mode, lease: { tokens, lifetimeMs: toMilliseconds(lifetime), hotFrom }, trackedCallers };
}

/** A gateway starts without its Redis; but the first request is to find one that is there. */
function connected(redis: RedisConnection): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, CONNECT_PATIENCE_MS);
    void whenReady(redis).then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
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
