import { LANES } from '../definition/index.ts';
import type { Handler } from '../gateway/exchange.ts';
import { json } from '../gateway/reply.ts';
import type { BreakerRow } from '../resilience/index.ts';
import type { Database } from '../store/postgres.ts';

/** What the status is read from. */
export type StatusOptions = {
  readonly version: string;
  readonly database: Pick<Database, 'connections'>;
  readonly breakers: () => readonly BreakerRow[];
  /** Seconds since this process began; default process.uptime. */
  readonly uptime?: () => number;
};

/**
 * GET /status: how this process sees itself and what it depends on, from its own memory: it asks no dependency, so that
 * asking it costs them nothing. `degraded` as long as a breaker is not closed. Each worker answers for itself.
 */
export function createStatusHandler({
  version,
  database,
  breakers,
  uptime = () => process.uptime(),
}: StatusOptions): Handler {
  return function status() {
    const rows = breakers();
    const answer = {
      status: rows.every(({ state }) => state === 'closed') ? 'ok' : 'degraded',
      version,
      uptime_seconds: Math.floor(uptime()),
      breakers: Object.fromEntries(rows.map(({ name, state, since }) => [name, { state, since }])),
      postgres_connections: Object.fromEntries(
        LANES.map((lane) => {
          const { open, idle, inUse, waiting, limit } = database.connections(lane);
          return [lane, { open, idle, in_use: inUse, waiting, limit }];
        }),
      ),
    };
    return json(200, answer, ['cache-control', 'no-store']);
  };
}
