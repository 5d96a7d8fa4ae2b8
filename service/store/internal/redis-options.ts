import type { Command, RedisOptions } from 'ioredis';
import type { RedisAddress } from '../redis-address.ts';

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
    ...placeOf(address),
    db: address.db,
    enableOfflineQueue: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // TCP alone would take a quarter of an hour to find out that nobody is there any more.
    socketTimeout: SILENCE_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    enableAutoPipelining: false,
    // What these say stays true on this connection: after a failover the address leads to another server.
    reconnectOnError: ({ message }: Error) => /^(READONLY|LOADING|MASTERDOWN|NOREPLICAS)\b/.test(message),
    retryStrategy: retryDelayMs,
    ...accessOf(address),
  } satisfies RedisOptions;
}

/**
 * The server, or whom to ask for it. Nobody listens to the Sentinels for a change: a primary that is replaced closes
 * its connections, answers no more, or says that it may not write, and then they are asked anew.
 */
function placeOf({ host, port, password, tls, sentinels }: RedisAddress) {
  if (!sentinels) return { host, port } satisfies RedisOptions;
  return {
    name: sentinels.group,
    sentinels: [...sentinels.endpoints],
    sentinelRetryStrategy: retryDelayMs,
    sentinelCommandTimeout: SENTINEL_TIMEOUT_MS,
    ...(password === undefined ? {} : { sentinelPassword: password }),
    ...(tls ? { sentinelTLS: {}, enableTLSForSentinelMode: true } : {}),
  } satisfies RedisOptions;
}

/** The longest that one Sentinel is waited for, before the next is asked. */
const SENTINEL_TIMEOUT_MS = 500;

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
