import { Pool, type PoolClient } from 'pg';
import type { Breaker, BreakerCall } from '../../resilience/index.ts';
import { leftAlone, notConnected, notLent, type Judgement } from './failure.ts';
import { Slots } from './slots.ts';

/** What the pool of one lane is made from; times in milliseconds. */
export type LanePoolOptions = {
  readonly connectionString: string;
  /** Name of its connections in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Connections that are kept. */
  readonly base: number;
  /** Further ones, closed again when they have not been used for a while. */
  readonly overflow: number;
  readonly maxWaiting: number;
  readonly acquireTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly recycleMs: number;
  /** Judges whether Postgres answers: by new connections, by pings, and by connections that break under a statement. */
  readonly breaker: Breaker | undefined;
  /** Told of each connection that broke while nobody used it. */
  readonly onIdleError: (error: Error) => void;
  /** Makes of what failed what is thrown. */
  readonly fail: (judgement: Judgement) => unknown;
  /** Monotonic clock. */
  readonly now: () => number;
};

/** What the connections of a lane are doing. */
export type PoolCounts = {
  /** Connections that are open or being opened. */
  readonly open: number;
  /** Of them, those that nobody uses. */
  readonly idle: number;
  /** Statements and transactions that have a connection, or for which one is being made. */
  readonly inUse: number;
  /** Statements and transactions that wait for a connection. */
  readonly waiting: number;
  /** Connections that may be open at once. */
  readonly limit: number;
};

type Use = { readonly madeAt: number; usedAt: number };

/** How much longer than Postgres itself the client waits for a statement's end: beyond it, the network is dead. */
const NETWORK_GRACE_MS = 1_000;
/** The longest a connection takes to be made: enough for one lost packet. */
const CONNECT_TIMEOUT_MS = 2_000;
/** How long a connection above the base is kept when nobody uses it: a burst does not open it twice. */
const OVERFLOW_IDLE_MS = 5_000;
/** After so long without use a connection is asked whether it still works. */
const PING_AFTER_MS = 1_000;
const PING_TIMEOUT_MS = 1_000;

/** The connections of one lane. They are lent for one statement or transaction each, the most lately used first. */
export class LanePool {
  readonly #options: LanePoolOptions;
  readonly #pool: Pool;
  readonly #slots: Slots;
  readonly #uses = new WeakMap<PoolClient, Use>();
  #staleBefore = Number.NEGATIVE_INFINITY;

  constructor(options: LanePoolOptions) {
    const { base, overflow, maxWaiting, acquireTimeoutMs, statementTimeoutMs, onIdleError } = options;
    this.#options = options;
    // Who has a slot gets a connection without a wait, so that the driver's own queue, which nobody can leave, is empty;
    // and a wait for others is never mistaken for a Postgres that does not answer.
    this.#slots = new Slots({ slots: base + overflow, maxWaiting, maxWaitMs: acquireTimeoutMs });
    this.#pool = new Pool({
      connectionString: options.connectionString,
      application_name: options.applicationName,
      min: base,
      max: base + overflow,
      idleTimeoutMillis: OVERFLOW_IDLE_MS,
      maxLifetimeSeconds: options.recycleMs / 1_000,
      connectionTimeoutMillis: Math.min(CONNECT_TIMEOUT_MS, acquireTimeoutMs),
      statement_timeout: statementTimeoutMs,
      // A worker that stands still in the middle of a transaction keeps others from its rows no longer than a statement.
      idle_in_transaction_session_timeout: statementTimeoutMs,
      query_timeout: statementTimeoutMs + NETWORK_GRACE_MS,
      keepAlive: true,
    });
    this.#pool.on('error', onIdleError);
    // A connection that breaks while it is lent tells so twice: to the query, which rejects, and by an event that ends
    // the process where nobody listens.
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /** What the connections are doing now. */
  get counts(): PoolCounts {
    const { totalCount: open, idleCount: idle } = this.#pool;
    const { base, overflow } = this.#options;
    return { open, idle, inUse: this.#slots.taken, waiting: this.#slots.waiting, limit: base + overflow };
  }

  /** Lends a connection that works; it has to be given back. Rejects with what `fail` makes of what failed. */
  async lend(signal: AbortSignal | undefined): Promise<PoolClient> {
    const { breaker, fail } = this.#options;
    if (breaker?.state === 'open') throw fail(leftAlone(breaker));
    await this.#slots.take(signal).catch((cause: unknown) => {
      throw fail(notLent(cause));
    });
    try {
      for (;;) {
        const client = await this.#tryClient();
        if (client) return client;
      }
    } catch (error) {
      this.#slots.giveBack();
      throw error;
    }
  }

  /** Takes a connection back; a broken one is closed. */
  giveBack(client: PoolClient, broken: boolean): void {
    const use = this.#uses.get(client);
    if (use) use.usedAt = this.#options.now();
    client.release(broken);
    this.#slots.giveBack();
  }

  /** Tells the breaker of a connection that broke off, or fell silent, under a statement. */
  countBreak(): void {
    // How long statements take says nothing of Postgres, so that they are no calls of the breaker; their breaks are.
    this.#options.breaker?.enter()?.failure();
  }

  /** Waits for what is lent, and closes every connection. */
  close(): Promise<void> {
    return this.#pool.end();
  }

  /** The next connection of the pool, or a new one; undefined when it turned out not to work. */
  async #tryClient(): Promise<PoolClient | undefined> {
    const { breaker, fail, now } = this.#options;
    const call = breaker?.enter();
    if (breaker && !call) throw fail(leftAlone(breaker));
    const client = await this.#pool.connect().catch((cause: unknown) => {
      call?.failure();
      throw fail(notConnected(cause));
    });
    const use = this.#uses.get(client);
    if (!use) {
      call?.success();
      this.#uses.set(client, { madeAt: now(), usedAt: now() });
      return client;
    }
    if (await this.#works(client, use, call)) return client;
    client.release(true);
    return undefined;
  }

  /** Whether a connection that was used before can be used again. That it cannot is told by the next one that is made. */
  async #works(client: PoolClient, { madeAt, usedAt }: Use, call: BreakerCall | undefined): Promise<boolean> {
    const { breaker, now } = this.#options;
    if (madeAt < this.#staleBefore) {
      call?.ignore();
      return false;
    }
    // Whether Postgres works again is found out by a ping, not by a statement that may take long for its own reasons.
    if (now() - usedAt < PING_AFTER_MS && breaker?.state !== 'half-open') {
      call?.ignore();
      return true;
    }
    try {
      // The types leave out that a query can have a time of its own.
      await client.query({ text: 'SELECT 1', query_timeout: PING_TIMEOUT_MS } as { text: string });
      call?.success();
      return true;
    } catch {
      call?.ignore();
      // What killed this one has killed the others: asking each of them would take as long again.
      this.#staleBefore = now();
      return false;
    }
  }
}
