import { LANES, toMilliseconds, type Duration, type Lane } from '../definition/index.ts';
import type { Breaker } from '../resilience/index.ts';
import { laneAddress } from './postgres/address.ts';
import { Connection } from './postgres/connection.ts';
import type { DatabaseFailure, Judgement } from './postgres/failure.ts';
import { LanePool, type PoolCounts } from './postgres/lane-pool.ts';
import { unlessAborted } from './postgres/unless-aborted.ts';
import { connectionName } from './schema/ledger.ts';

export type { DatabaseFailure } from './postgres/failure.ts';
export type { PoolCounts } from './postgres/lane-pool.ts';
export { laneAddress } from './postgres/address.ts';
export { poolShare } from './postgres/share.ts';
export type { PoolShare } from './postgres/share.ts';
export { unlessAborted } from './postgres/unless-aborted.ts';

/** Settings of the connections to Postgres. */
export type DatabaseOptions = {
  /** `postgres://user:password@host:port/database`. */
  readonly connectionString: string;
  /** `host:port` of a pooler in front, which lends connections by transaction; absent: Postgres itself is asked. */
  readonly pooler?: string | undefined;
  /** Version of the service, told in the name of each connection; default none. */
  readonly version?: string;
  /** Connections of this process that stay open once they are made, by lane. */
  readonly pools: Readonly<Record<Lane, number>>;
  /** Further connections that it may open under load, and closes again soon after; default none. */
  readonly overflow?: Readonly<Record<Lane, number>>;
  /** Statements and transactions of a lane that may wait for a connection; one more is refused. Default 100. */
  readonly maxWaiting?: number;
  /** The longest one waits for a connection; a signal that aborts ends the wait before. */
  readonly acquireTimeout: Duration;
  /** The longest a statement may run. */
  readonly statementTimeout: Duration;
  /** Age at which a connection is replaced by a new one; default 1h. */
  readonly recycle?: Duration;
  /**
   * Stands in front of Postgres: opened by connections that cannot be made, break off or fall silent, never by what is
   * wrong with a statement, nor by how long statements take. Default none.
   */
  readonly breaker?: Breaker;
  /** Told of each call that failed for a reason of the store's, and of each idle connection that broke. */
  readonly onError: (error: Error, kind: DatabaseFailure) => void;
  /** Monotonic clock in milliseconds; default performance.now. */
  readonly now?: () => number;
};

/** One statement and its values; resolves with its rows. */
export type Query = <Row extends object>(text: string, values: readonly unknown[]) => Promise<readonly Row[]>;

/**
 * Postgres behind one pool of connections per lane, so that a flood in one lane takes no connection of the other.
 * It connects when first asked, so that a gateway starts while its database is down.
 *
 * What fails rejects with a Problem: `overloaded` when no connection became free, `store-unavailable` when none is to
 * be had, it broke off or the breaker is open, `deadline-exceeded` when a statement took too long; with Postgres's own
 * error for everything that is wrong with a statement, such as a violated constraint. Once a signal is aborted it
 * rejects at once with the signal's reason, and Postgres is asked to cancel what still runs.
 */
export type Database = {
  /** The rows of one statement. */
  query<Row extends object>(
    lane: Lane,
    text: string,
    values: readonly unknown[],
    signal?: AbortSignal,
  ): Promise<readonly Row[]>;
  /**
   * What `work` makes of statements of which all are kept, or none when it or one of them rejects. Should the
   * connection break during the commit, it rejects with `store-unavailable`, and all may be kept or none: what is done
   * has to be the same when it is done again.
   */
  transaction<T>(lane: Lane, work: (query: Query) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** What the connections of a lane are doing now. */
  connections(lane: Lane): PoolCounts;
  /** Resolves when Postgres answers; rejects as `query` does. */
  ping(): Promise<void>;
  /** Waits for what runs and closes every connection. */
  close(): Promise<void>;
};

const DEFAULTS = {
  overflow: { critical: 0, background: 0 },
  maxWaiting: 100,
  recycle: '1h',
  now: () => performance.now(),
} as const;

/** Creates the pools; nothing connects yet. */
export function createDatabase(options: DatabaseOptions): Database {
  const { onError } = options;
  const fail = ({ error, kind }: Judgement): unknown => {
    if (kind !== undefined) onError(error as Error, kind);
    return error;
  };
  const pools = { critical: openPool('critical', options, fail), background: openPool('background', options, fail) };
  let closed: Promise<unknown> | undefined;
  const lent = async <T>(
    lane: Lane,
    signal: AbortSignal | undefined,
    use: (connection: Connection) => Promise<T>,
  ): Promise<T> => {
    const pool = pools[lane];
    const client = await pool.lend(signal);
    const connection = new Connection({ client, signal, fail, onBreak: () => pool.countBreak() });
    try {
      return await use(connection);
    } finally {
      pool.giveBack(client, connection.broken);
    }
  };
  const query: Database['query'] = (lane, text, values, signal) =>
    unlessAborted(
      lent(lane, signal, (connection) => connection.run(text, values)),
      signal,
    );
  return {
    query,
    transaction: (lane, work, signal) =>
      unlessAborted(
        lent(lane, signal, async (connection) => {
          let result;
          try {
            await connection.run('BEGIN', []);
            result = await work((text, values) => connection.run(text, values));
          } catch (error) {
            await connection.rollBack();
            throw error;
          }
          await connection.commit();
          return result;
        }),
        signal,
      ),
    connections: (lane) => pools[lane].counts,
    async ping() {
      await query('critical', 'SELECT 1', []);
    },
    async close() {
      closed ??= Promise.all(LANES.map((lane) => pools[lane].close()));
      await closed;
    },
  };
}

function openPool(lane: Lane, options: DatabaseOptions, fail: (judgement: Judgement) => unknown): LanePool {
  const { overflow, maxWaiting, recycle, now } = { ...DEFAULTS, ...options };
  return new LanePool({
    connectionString: laneAddress(options.connectionString, options.pooler, lane),
    applicationName: options.version === undefined ? `sluice-${lane}` : connectionName(lane, options.version),
    base: options.pools[lane],
    overflow: overflow[lane],
    maxWaiting,
    acquireTimeoutMs: toMilliseconds(options.acquireTimeout),
    statementTimeoutMs: toMilliseconds(options.statementTimeout),
    recycleMs: toMilliseconds(recycle),
    breaker: options.breaker,
    onIdleError: (error) => options.onError(error, 'idle'),
    fail,
    now,
  });
}
