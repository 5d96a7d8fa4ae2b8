import { LANES, toFraction, toMilliseconds, type Lane, type Service } from '../../definition/index.ts';
import type { Breaker } from '../../resilience/index.ts';
import { createRetryBudget, type RetryBudget } from '../../resilience/retry-budget.ts';
import { callUpstream } from './call.ts';
import { ConnectionPool, type ConnectionCounts } from './connection-pool.ts';
import type { AttemptOutcome, UpstreamRequest, UpstreamResponse } from './request.ts';

/** The groups of connections to an origin, each with a bound of its own: one for each lane, and one for streams. */
export const CONNECTION_GROUPS = [...LANES, 'stream'] as const;

/** One group of connections. */
export type ConnectionGroup = (typeof CONNECTION_GROUPS)[number];

/** Connections to one origin. */
export type UpstreamClient = {
  /**
   * Makes a request. Rejects with a Problem: `upstream-failed` when no attempt got an answer, `deadline-exceeded` when
   * none came in time, `upstream-unavailable` when the breaker lets nothing through, `malformed-request` for what cannot
   * be sent; with the signal's reason, or an AbortError, when whoever waits for it left. A 5xx of the last attempt is an
   * answer. Retries happen only before the answer is handed out. Its body fails when the upstream breaks off.
   */
  fetch(request: UpstreamRequest): Promise<UpstreamResponse>;
  /** What the connections are doing now. */
  connections(): Readonly<Record<ConnectionGroup, ConnectionCounts>>;
  /** Waits for the requests under way, then closes all connections. */
  close(): Promise<void>;
};

/** Settings of a client. */
export type UpstreamOptions = {
  readonly origin: string;
  readonly settings: Service['upstream'];
  /** Told of the end of each attempt. */
  readonly onAttempt: (outcome: AttemptOutcome) => void;
  /** Told of a kept connection that turned out to be closed when it was used; no attempt is counted. Default nothing. */
  readonly onStale?: () => void;
  /** What stands in front of each lane's requests; a lane without one is always tried. Default none. */
  readonly breakers?: Readonly<Partial<Record<Lane, Breaker>>>;
  /** Keeps retries from multiplying a failure; default one of `settings.retryBudget`. */
  readonly retryBudget?: RetryBudget;
  /** From 0 to 1, for the wait between attempts; default Math.random. */
  readonly random?: () => number;
  /** Monotonic clock in milliseconds; default performance.now. */
  readonly now?: () => number;
  /** Wall clock in milliseconds; default Date.now. */
  readonly wallClock?: () => number;
};

/** A client with a budget of time over all attempts of a request, and of retries over all requests. */
export function createUpstreamClient({
  origin,
  settings,
  onAttempt,
  onStale = () => undefined,
  breakers = {},
  retryBudget = createRetryBudget({ ratio: toFraction(settings.retryBudget) }),
  random = Math.random,
  now = () => performance.now(),
  wallClock = Date.now,
}: UpstreamOptions): UpstreamClient {
  const budgetMs = toMilliseconds(settings.budget);
  const createPool = (connections: number): ConnectionPool =>
    new ConnectionPool({
      origin,
      connections,
      keptAlive: settings.keptAlive,
      keepAliveMs: toMilliseconds(settings.keepAlive),
      connectTimeoutMs: toMilliseconds(settings.connectTimeout),
      idleBodyMs: budgetMs,
    });
  const pools: Readonly<Record<ConnectionGroup, ConnectionPool>> = {
    critical: createPool(settings.connections),
    background: createPool(settings.connections),
    stream: createPool(settings.streamConnections),
  };
  const shared = {
    budgetMs,
    attempts: settings.attempts,
    attemptTimeoutMs: toMilliseconds(settings.attemptTimeout),
    backoffMs: toMilliseconds(settings.backoff),
    tryRetry: () => retryBudget.tryRetry(),
    onAttempt,
    onStale,
    random,
    now,
    wallClock,
  };
  return {
    fetch(request) {
      const { lane = 'critical', stream = false, breaker = breakers[lane] } = request;
      retryBudget.onRequest();
      return callUpstream({ settings: shared, pool: pools[stream ? 'stream' : lane], breaker }, request);
    },
    connections: () => ({
      critical: pools.critical.counts,
      background: pools.background.counts,
      stream: pools.stream.counts,
    }),
    async close() {
      await Promise.all(CONNECTION_GROUPS.map((group) => pools[group].close()));
    },
  };
}
