import { readFileSync } from 'node:fs';
import type { Cluster, Redis } from 'ioredis';

/** A connection to Redis, or to a Redis Cluster. */
export type RedisClient = Redis | Cluster;

/** Runs the script `take-limits.lua`; rejects when Redis does not answer. */
export type TakeLimits = (keys: readonly string[], batch: string) => Promise<readonly number[]>;

const SCRIPT = readFileSync(new URL('./take-limits.lua', import.meta.url), 'utf8');
const COMMAND = 'sluiceTakeLimits';

/** Defines the script; ioredis sends EVALSHA, and EVAL to a connection or Redis that does not know the script. */
export function defineTakeLimits(client: RedisClient): TakeLimits {
  client.defineCommand(COMMAND, { lua: SCRIPT });
  const command = Reflect.get(client, COMMAND) as (...values: unknown[]) => Promise<readonly number[]>;
  return (keys, batch) => command.call(client, keys.length, ...keys, batch);
}
