import type { Redis } from 'ioredis';
import {
  createMemoryLimits,
  createRedisLimits,
  createSharedLimits,
  type LendingStore,
  type ReservingStore,
  type RedisLimitOptions,
  type RedisLimits,
} from '../../service/limit/index.ts';
import { localLink } from '../support/stores.ts';

let sequence = 0;

/** Limits in Redis whose keys and names are nobody else's. Its time limit bears a machine that is busy. */
export function redisLimits(client: Redis, options: Partial<RedisLimitOptions> = {}): RedisLimits {
  return createRedisLimits(client, {
    prefix: `test${process.pid}-${sequence++}:`,
    nextId: () => `${process.pid}-${sequence++}`,
    timeoutMs: 5_000,
    ...options,
  });
}

/** A store of limits to test, by its name. */
export type TestedStore = readonly [name: string, create: () => ReservingStore, needsRedis: boolean];

/** Every store that the gateway may count in. */
export function testedStores(client: () => Redis): readonly TestedStore[] {
  return [
    ['memory', () => createMemoryLimits({ trackedCallers: 1000 }), false],
    ['the primary', () => alone(localLink().limits), false],
    ['the primary, with the memory of denials', () => withDenials(localLink().limits), false],
    ['redis', () => redisLimits(client()), true],
    ['redis, with the memory of denials', () => withDenials(redisLimits(client())), true],
  ];
}

function alone(store: LendingStore): ReservingStore {
  return {
    take: (caller, policies) => store.ask({ caller, policies }),
    reserve: (caller, policies, amounts) => store.ask({ caller, policies, amounts }),
  };
}

function withDenials(store: LendingStore): ReservingStore {
  const lease = { tokens: 100, lifetimeMs: 1_000, hotFrom: 50 };
  return createSharedLimits({ store, mode: 'exact', lease, trackedCallers: 1000 });
}
