import { Cluster, Redis, type Command } from 'ioredis';
import { endInTime, onlyChanges, optionsOf, type RedisSettings } from './internal/redis-options.ts';
import { connectCluster } from './redis-cluster.ts';

export type { RedisSettings } from './internal/redis-options.ts';
export type { RedisAddress } from './redis-address.ts';

/** A connection to one Redis, or the connections to the nodes of a Redis Cluster. */
export type RedisConnection = Redis | Cluster;

/**
 * One connection that never makes a request wait: no offline queue, one timeout for every command, reconnection in
 * the background. Auto-pipelining stays off: measured, it lowers throughput.
 */
export function connectRedis(settings: RedisSettings): RedisConnection {
  if (settings.cluster) return connectCluster(settings);
  const { address, commandTimeoutMs, onStateChange } = settings;
  const redis = new TimedRedis(optionsOf(address), commandTimeoutMs);
  const change = onlyChanges(onStateChange);
  let reason: Error | undefined;
  redis.on('error', (error: Error) => {
    reason = error;
    change('down', reason);
  });
  redis.on('ready', () => change('up', reason));
  redis.on('close', () => change('down', reason));
  return redis;
}

class TimedRedis extends Redis {
  readonly #commandTimeoutMs: number;

  constructor(options: ReturnType<typeof optionsOf>, commandTimeoutMs: number) {
    super(options);
    this.#commandTimeoutMs = commandTimeoutMs;
  }

  override sendCommand(command: Command, stream?: never): unknown {
    endInTime(command, this.#commandTimeoutMs);
    return super.sendCommand(command, stream);
  }
}

/** Resolves when commands can be sent, to every node of a cluster; never, while that is not so. */
export async function whenReady(redis: RedisConnection): Promise<void> {
  if (redis.status !== 'ready') await new Promise<void>((resolve) => redis.once('ready', () => resolve()));
  if (redis instanceof Cluster) await Promise.all(redis.nodes('master').map(whenReady));
}

/** Closes after the commands that were sent; a Redis that does not answer within `timeoutMs` is not waited for. */
export async function closeRedis(redis: RedisConnection, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, timeoutMs)));
  // It may be gone, or gone before it answers: the connection closes either way.
  await Promise.race([redis.quit().catch(() => undefined), late]);
  clearTimeout(timer);
  redis.disconnect();
}
