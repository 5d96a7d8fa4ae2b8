import { randomBytes } from 'node:crypto';
import type { Config } from '../../config.ts';
import { toMilliseconds } from '../../definition/index.ts';
import { createMemoryLimits, createRedisLimits, withLocalFallback, type LimitStore } from '../../limit/index.ts';
import type { KeyValueStore } from '../../store/key-value.ts';
import { createRedisKeyValue } from '../../store/redis-key-value.ts';
import { connectRedis } from '../../store/redis.ts';
import { METRICS } from '../../telemetry/catalogue.ts';
import type { Cells } from '../../telemetry/cells.ts';
import type { Log } from '../../telemetry/log.ts';
import { Problem } from '../problem.ts';
import type { PrimaryLink } from './primary-link.ts';

/** The stores of a worker. */
export type Stores = {
  readonly limits: LimitStore;
  readonly values: KeyValueStore;
  close(): Promise<void>;
};

/** What the choice of stores follows from. */
export type StoreOptions = {
  readonly config: Config;
  readonly link: PrimaryLink;
  readonly cells: Cells;
  readonly log: Log;
};

/** Redis where it is configured, else the primary; a worker that is alone counts limits itself, without a message. */
export function connectStores({ config, link, cells, log }: StoreOptions): Stores {
  const local = createMemoryLimits({ trackedCallers: config.service.limits.trackedCallers });
  const name = config.redis ? 'redis' : 'primary';
  const count = cells.counter(METRICS.storeErrors, { store: name });
  const unchecked = cells.counter(METRICS.limitDecisions, { decision: 'unchecked' });
  const onLimitError = (): void => {
    count();
    unchecked();
  };
  if (!config.redis) {
    const limits = config.workers === 1 ? local : withLocalFallback(link.limits, local, onLimitError);
    return { limits, values: failingAsProblem(link.values, count), close: () => Promise.resolve() };
  }
  const { host, port } = config.redis;
  const redis = connectRedis({
    address: config.redis,
    commandTimeoutMs: toMilliseconds(config.service.stores.redis.commandTimeout),
    onStateChange: (state, reason) =>
      state === 'up'
        ? log.info(`redis at ${host}:${port} is back`)
        : log.warn(
            `redis at ${host}:${port} does not answer (${reason?.message ?? 'connection closed'}); ` +
              'until it does, each worker counts limits for itself, nothing is shared, and sessions answer 503',
          ),
  });
  const process = randomBytes(6).toString('hex');
  let taken = 0;
  const prefix = `${config.service.name}:`;
  const shared = createRedisLimits(redis, {
    prefix: `${prefix}limit:`,
    nextId: () => `${process}${(taken++).toString(36)}`,
  });
  return {
    limits: withLocalFallback(shared, local, onLimitError),
    values: failingAsProblem(createRedisKeyValue(redis, prefix), count),
    close: () =>
      redis.quit().then(
        () => undefined,
        () => redis.disconnect(),
      ),
  };
}

/** A store whose failures are counted and answered as 503. */
function failingAsProblem(store: KeyValueStore, count: () => void): KeyValueStore {
  const translate = (cause: unknown): never => {
    count();
    throw new Problem('store-unavailable', { detail: 'The session store does not answer.', cause });
  };
  return {
    get: (key) => store.get(key).catch(translate),
    set: (key, value, lifetimeMs) => store.set(key, value, lifetimeMs).catch(translate),
    delete: (key) => store.delete(key).catch(translate),
  };
}
