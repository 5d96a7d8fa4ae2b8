import type { Config } from '../../config.ts';
import { toMilliseconds } from '../../definition/index.ts';
import type { Breaker, Guard } from '../../resilience/index.ts';
import { closeRedis, connectRedis, whenReady, type RedisAddress, type RedisConnection } from '../../store/redis.ts';
import { METRICS } from '../../telemetry/catalogue.ts';
import type { Cells } from '../../telemetry/cells.ts';
import type { Log } from '../../telemetry/log.ts';
import { guardRedis } from './redis-guard.ts';

/** A Redis by what it is to a worker; each has a connection, a breaker and a count of errors of its own. */
export type RedisName = 'redis' | 'redis-cache';

/** One Redis as a worker reaches it. */
export type RedisLink = {
  readonly address: RedisAddress;
  readonly redis: RedisConnection;
  readonly breaker: Breaker;
  /** Has a call go through the breaker. */
  readonly guard: Guard;
  readonly countError: () => void;
  /** Resolves when it can be asked, or after a moment in which it could not. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
};

/** What a link follows from. */
export type RedisLinkOptions = {
  readonly name: RedisName;
  readonly address: RedisAddress;
  /** What is otherwise while it does not answer, for the log. */
  readonly without: string;
  readonly settings: Config['service']['stores']['redis'];
  readonly breaker: Breaker;
  readonly cells: Cells;
  readonly log: Log;
};

const CONNECT_PATIENCE_MS = 1_000;

/** Connects to a Redis; its log tells when it is lost and when it is back. */
export function linkRedis({ name, address, without, settings, breaker, cells, log }: RedisLinkOptions): RedisLink {
  const commandTimeoutMs = toMilliseconds(settings.commandTimeout);
  const { cluster } = settings;
  const behind = address.sentinels ? `, a Sentinel of ${address.sentinels.group},` : '';
  const place = `${name} at ${address.host}:${address.port}${behind}`;
  const redis = connectRedis({
    address,
    cluster,
    commandTimeoutMs,
    onStateChange: (state, reason) =>
      state === 'up'
        ? log.info(`${place} is back`)
        : log.warn(
            `${place} does not answer (${reason?.message ?? 'connection closed'}); ` +
              `until it does, ${cluster ? 'for all keys of a node that is lost, ' : ''}${without}`,
          ),
  });
  return {
    address,
    redis,
    breaker,
    guard: guardRedis(breaker),
    countError: cells.counter(METRICS.storeErrors, { store: name }),
    ready: connected(redis),
    close: () => closeRedis(redis, commandTimeoutMs),
  };
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
