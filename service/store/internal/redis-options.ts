import type { Command, RedisOptions } from 'ioredis';

/** How Redis is reached; of a cluster one node, which names the others. */
export type RedisAddress = {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  /** Number of the database; a cluster has none but 0, whatever stands here. */
  readonly db: number;
  readonly tls: boolean;
};

/** Settings of one connection. */
export type RedisSettings = {
  readonly address: RedisAddress;
  /** Whether it is a Redis Cluster; default false. */
  readonly cluster?: boolean;
  /** After so many milliseconds a command counts as failed, so that a frozen Redis costs no more than this. */
  readonly commandTimeoutMs: number;
  /** Told once when the connection is lost, and once when it is back; never per attempt. */
  readonly onStateChange: (state: 'up' | 'down', reason?: Error) => void;
};

/** How a connection authenticates and encrypts. */
export function accessOf({ username, password, tls }: RedisAddress) {
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: {} } : {}),
  } satisfies RedisOptions;
}

/**
 * Rejects a command that is not answered in time. What has arrived by then counts as in time, also where this process
 * was too busy to look: the timer of a process that stood still comes before the bytes that waited meanwhile.
 */
export function endInTime(command: Command, timeoutMs: number): void {
  setTimeout(() => {
    if (command.isResolved) return;
    setImmediate(() => {
      if (!command.isResolved) command.reject(new Error('Command timed out'));
    });
  }, timeoutMs);
}

/** A connection without an offline queue that reconnects in the background. */
export function optionsOf(address: RedisAddress) {
  return {
    host: address.host,
    port: address.port,
    db: address.db,
    enableOfflineQueue: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // TCP alone would take a quarter of an hour to find out that nobody is there any more.
    socketTimeout: SILENCE_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    enableAutoPipelining: false,
    // What these say stays true on this connection: after a failover the address leads to another server.
    reconnectOnError: ({ message }: Error) => /^(READONLY|LOADING|MASTERDOWN)\b/.test(message),
    retryStrategy: retryDelayMs,
    ...accessOf(address),
  } satisfies RedisOptions;
}

/** The longest that connecting to one address takes. */
export const CONNECT_TIMEOUT_MS = 2_000;

/** After so long without a byte, although something was asked, a connection is replaced by a new one. */
const SILENCE_TIMEOUT_MS = 2_000;

/** Milliseconds to wait before an attempt to connect, counted from 1; spread, so that not all come back together. */
export function retryDelayMs(attempt: number): number {
  return Math.min(50 * 2 ** attempt, 2_000) * (0.5 + Math.random() / 2);
}

type Tell = (state: 'up' | 'down', reason?: Error) => void;

/** Passes on what differs from the state before; at first it counts as up. */
export function onlyChanges(tell: Tell): Tell {
  let last: 'up' | 'down' = 'up';
  return (state, reason) => {
    if (state === last) return;
    last = state;
    tell(state, reason);
  };
}
