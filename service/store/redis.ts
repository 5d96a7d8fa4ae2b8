import { Redis, type RedisOptions } from 'ioredis';

/** How Redis is reached. */
export type RedisAddress = {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly db: number;
  readonly tls: boolean;
};

/** Settings of one connection. */
export type RedisSettings = {
  readonly address: RedisAddress;
  /** After so many milliseconds a command counts as failed, so that a frozen Redis costs no more than this. */
  readonly commandTimeoutMs: number;
  /** Told once when the connection is lost, and once when it is back; never per attempt. */
  readonly onStateChange: (state: 'up' | 'down', reason?: Error) => void;
};

/**
 * One connection that never makes a request wait: no offline queue, one timeout for every command, reconnection in
 * the background. Auto-pipelining stays off: measured, it lowers throughput.
 */
export function connectRedis({ address, commandTimeoutMs, onStateChange }: RedisSettings): Redis {
  const options = {
    host: address.host,
    port: address.port,
    db: address.db,
    enableOfflineQueue: false,
    commandTimeout: commandTimeoutMs,
    connectTimeout: 2_000,
    maxRetriesPerRequest: 0,
    enableAutoPipelining: false,
    // What these say stays true on this connection: after a failover the address leads to another server.
    reconnectOnError: ({ message }: Error) => /^(READONLY|LOADING|MASTERDOWN)\b/.test(message),
    retryStrategy: (attempt: number) => Math.min(50 * 2 ** attempt, 2_000) * (0.5 + Math.random() / 2),
    ...(address.username === undefined ? {} : { username: address.username }),
    ...(address.password === undefined ? {} : { password: address.password }),
    ...(address.tls ? { tls: {} } : {}),
  } satisfies RedisOptions;
  const redis = new Redis(options);
  let state: 'up' | 'down' | undefined;
  let reason: Error | undefined;
  const change = (next: 'up' | 'down'): void => {
    if (next === state || (state === undefined && next === 'up')) {
      state = next;
      return;
    }
    state = next;
    onStateChange(next, reason);
  };
  redis.on('error', (error: Error) => {
    reason = error;
    change('down');
  });
  redis.on('ready', () => change('up'));
  redis.on('close', () => change('down'));
  return redis;
}
