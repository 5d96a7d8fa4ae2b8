import { Client, type Dispatcher } from 'undici';

/** Settings of a pool; times in milliseconds. */
export type ConnectionPoolOptions = {
  readonly origin: string;
  /** Connections at once; who comes when all are in use waits. */
  readonly connections: number;
  /** Of them, those that are kept when nobody uses them. */
  readonly keptAlive: number;
  /** How long one is kept; a shorter time that the upstream announces (`Keep-Alive: timeout=5`), less a second, wins. */
  readonly keepAliveMs: number;
  readonly connectTimeoutMs: number;
  /** The longest pause between two chunks of an answer. */
  readonly idleBodyMs: number;
};

/** One connection, opened on its first use and again after it was closed; one request at a time. */
export class Connection {
  /** Whether it has served a request since it was opened. */
  used = false;
  connected = false;
  readonly client: Client;

  constructor(client: Client) {
    this.client = client;
    client.on('connect', () => {
      this.connected = true;
      this.used = false;
    });
    client.on('disconnect', () => (this.connected = false));
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.client.dispatch(options, handler);
  }
}

/** Who waits for a connection. */
export type ConnectionUser = {
  /** Has the connection from here on, until it gives it back. */
  start(connection: Connection): void;
};

/** What a pool is doing. */
export type ConnectionCounts = { readonly open: number; readonly idle: number; readonly waiting: number };

/** Largest head of an answer, names and values; the same as the gateway's own clients may send. */
const MAX_HEAD_BYTES = 16_384;
/** How long one above the kept number has to be of no use before it is closed. */
const LULL_MS = 1_000;
/** Taken off the time that the upstream announces, for the way there and the precision of timers. */
const KEEP_ALIVE_MARGIN_MS = 1_000;

/**
 * The connections to one origin. undici's own Pool cannot bound the idle ones, nor forget who no longer waits; so this
 * one hands out undici Clients, one request each, the most lately used first. Those above `keptAlive` that nobody needed
 * for a second are closed: under load the number in use goes up and down within milliseconds. One limit of undici
 * stays: an upstream that sends 100 unasked counts as broken.
 */
export class ConnectionPool {
  readonly #options: ConnectionPoolOptions;
  readonly #all = new Set<Connection>();
  readonly #idle: Connection[] = [];
  readonly #waiting = new Set<ConnectionUser>();
  #trimming: NodeJS.Timeout | undefined;
  /** The fewest that were idle at once since the last look. */
  #leastIdle = 0;
  #closed = false;

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
  }

  get counts(): ConnectionCounts {
    return { open: this.#all.size, idle: this.#idle.length, waiting: this.#waiting.size };
  }

  /** Gives the user a connection, at once or in its turn; `fresh`: rather a new one than one that was used before. */
  take(user: ConnectionUser, fresh = false): void {
    if (this.#closed) throw new Error('the connections are closed');
    if (fresh && this.#all.size >= this.#options.connections) {
      const oldest = this.#idle[0];
      if (oldest) this.#drop(oldest);
    }
    const connection =
      (fresh ? undefined : this.#lend()) ?? (this.#all.size < this.#options.connections ? this.#open() : undefined);
    if (connection) user.start(connection);
    else this.#waiting.add(user);
  }

  /** The user no longer waits; nothing when it has been given a connection. */
  leave(user: ConnectionUser): void {
    this.#waiting.delete(user);
  }

  /** The user has no more use for its connection; once for each that was given. */
  giveBack(connection: Connection): void {
    connection.used = connection.connected;
    for (const next of this.#waiting) {
      this.#waiting.delete(next);
      next.start(connection);
      return;
    }
    const { connected } = connection;
    if (!connected || this.#closed) {
      this.#drop(connection);
      return;
    }
    this.#idle.push(connection);
    if (this.#idle.length > this.#options.keptAlive) this.#trimming ??= this.#trimSoon();
  }

  /** Waits for the requests that are under way, then closes all connections. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#trimming);
    await Promise.all([...this.#all].map(({ client }) => client.close()));
  }

  #lend(): Connection | undefined {
    const connection = this.#idle.pop();
    this.#leastIdle = Math.min(this.#leastIdle, this.#idle.length);
    return connection;
  }

  #trimSoon(): NodeJS.Timeout {
    this.#leastIdle = this.#idle.length;
    return setTimeout(() => {
      const surplus = Math.min(this.#leastIdle, this.#idle.length - this.#options.keptAlive);
      // The longest unused stand first.
      for (const connection of this.#idle.slice(0, Math.max(0, surplus))) this.#drop(connection);
      this.#trimming = this.#idle.length > this.#options.keptAlive ? this.#trimSoon() : undefined;
    }, LULL_MS).unref();
  }

  #open(): Connection {
    const { origin, keepAliveMs, connectTimeoutMs, idleBodyMs } = this.#options;
    const client = new Client(origin, {
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      keepAliveTimeoutThreshold: KEEP_ALIVE_MARGIN_MS,
      connect: { timeout: connectTimeoutMs },
      // The time until the head is the caller's to measure: it begins before there is a connection.
      headersTimeout: 0,
      bodyTimeout: idleBodyMs,
      maxHeaderSize: MAX_HEAD_BYTES,
    });
    const connection = new Connection(client);
    client.on('disconnect', () => {
      if (this.#idle.includes(connection)) this.#drop(connection);
    });
    this.#all.add(connection);
    return connection;
  }

  #drop(connection: Connection): void {
    const place = this.#idle.indexOf(connection);
    if (place >= 0) this.#idle.splice(place, 1);
    this.#all.delete(connection);
    connection.client.close(() => undefined);
  }
}
