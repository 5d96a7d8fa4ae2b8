import { DatabaseError, Pool, type PoolClient } from 'pg';
import { LANES, toMilliseconds, type Duration, type Lane } from '../definition/index.ts';
import { Problem } from '../gateway/problem.ts';

/** Settings of the connections to Postgres. */
export type DatabaseOptions = {
  /** `postgres://user:password@host:port/database`. */
  readonly connectionString: string;
  /** Connections that this process may open, by lane. */
  readonly pools: Readonly<Record<Lane, number>>;
  /** The longest a query waits for a connection. */
  readonly acquireTimeout: Duration;
  /** The longest a statement may run. */
  readonly statementTimeout: Duration;
  /** Told of each query that failed for a reason of the store's, and of each idle connection that broke. */
  readonly onError: (error: Error) => void;
};

/**
 * Postgres behind one pool of connections per lane, so that a flood in one lane takes no connection of the other.
 * It connects when first asked, so that a gateway starts while its database is down.
 */
export type Database = {
  /**
   * The rows of one statement. Rejects with a Problem: `store-unavailable` when no connection is to be had or it broke
   * off, `deadline-exceeded` when the statement took too long; with the signal's reason once that is aborted; with
   * Postgres's own error for everything that is wrong with the statement, such as a violated constraint.
   */
  query<Row extends object>(
    lane: Lane,
    text: string,
    values: readonly unknown[],
    signal?: AbortSignal,
  ): Promise<readonly Row[]>;
  /** Connections of a lane that are open now. */
  connections(lane: Lane): number;
  /** Resolves when Postgres answers; rejects as `query` does. */
  ping(): Promise<void>;
  /** Waits for running queries and closes every connection. */
  close(): Promise<void>;
};

/** How much longer than Postgres itself the client waits for a statement's end: beyond it, the network is dead. */
const NETWORK_GRACE_MS = 1_000;

/** Creates the pools; nothing connects yet. */
export function createDatabase(options: DatabaseOptions): Database {
  const { onError } = options;
  const pools = { critical: openPool('critical', options), background: openPool('background', options) };
  let closed: Promise<unknown> | undefined;
  const run = async <Row extends object>(
    lane: Lane,
    text: string,
    values: readonly unknown[],
    signal: AbortSignal | undefined,
  ): Promise<readonly Row[]> => {
    const client = await pools[lane].connect().catch((cause: unknown) => {
      throw unavailable(cause);
    });
    if (signal?.aborted) {
      client.release();
      throw signal.reason;
    }
    return runOn<Row>(client, text, values);
  };
  const query: Database['query'] = async <Row extends object>(
    lane: Lane,
    text: string,
    values: readonly unknown[],
    signal?: AbortSignal,
  ) => {
    signal?.throwIfAborted();
    try {
      // A statement whose caller has left runs on until its own timeout; cancelling it would take a connection more.
      return await unlessAborted(run<Row>(lane, text, values, signal), signal);
    } catch (error) {
      if (error instanceof Problem) onError(error);
      throw error;
    }
  };
  return {
    query,
    connections: (lane) => pools[lane].totalCount,
    async ping() {
      await query('critical', 'SELECT 1', []);
    },
    async close() {
      closed ??= Promise.all(LANES.map((lane) => pools[lane].end()));
      await closed;
    },
  };
}

function openPool(lane: Lane, { connectionString, pools, acquireTimeout, statementTimeout, onError }: DatabaseOptions) {
  const statementTimeoutMs = toMilliseconds(statementTimeout);
  const pool = new Pool({
    connectionString,
    max: pools[lane],
    connectionTimeoutMillis: toMilliseconds(acquireTimeout),
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + NETWORK_GRACE_MS,
    application_name: `sluice-${lane}`,
    keepAlive: true,
  });
  pool.on('error', onError);
  // A connection that breaks while it is lent tells so twice: to the query, which rejects, and by an event that ends
  // the process where nobody listens.
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
  return pool;
}

async function runOn<Row extends object>(
  client: PoolClient,
  text: string,
  values: readonly unknown[],
): Promise<readonly Row[]> {
  try {
    const { rows } = await client.query<Row>(text, [...values]);
    client.release();
    return rows;
  } catch (cause) {
    client.release(!(cause instanceof DatabaseError) || cause.severity === 'FATAL');
    throw translate(cause);
  }
}

/** SQLSTATE classes that say that Postgres cannot serve anyone now: connection, resources, operator, read-only. */
const UNAVAILABLE = /^(08|53|57P|25006)/;
/** Of `query_canceled`: the statement timeout. */
const CANCELED = '57014';

function translate(cause: unknown): unknown {
  if (cause instanceof DatabaseError) {
    if (cause.code === CANCELED) return tooLong(cause);
    return UNAVAILABLE.test(cause.code ?? '') ? unavailable(cause) : cause;
  }
  if (cause instanceof TypeError) return cause;
  return (cause as Error).message === 'Query read timeout' ? tooLong(cause) : unavailable(cause);
}

function unavailable(cause: unknown): Problem {
  return new Problem('store-unavailable', { detail: 'The database does not answer.', cause });
}

function tooLong(cause: unknown): Problem {
  return new Problem('deadline-exceeded', { detail: 'The database took too long.', cause });
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
