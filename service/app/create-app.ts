import { definition } from '../definition/index.ts';
import type { routes } from '../definition/routes.ts';
import type { Handler } from '../gateway/exchange.ts';
import { json } from '../gateway/reply.ts';
import type { Database } from '../store/postgres.ts';
import { createChatHandler } from './chat.ts';
import { createReadLogsHandler, createWriteLogsHandler } from './logs.ts';
import { createOrderHandler, createReadOrderHandler } from './orders.ts';
import type { Sessions, Upstream } from './ports.ts';
import { createSearchHandler } from './search.ts';
import { createEndSessionHandler, createLoginHandler, createReadSessionHandler } from './session.ts';

type RouteId = keyof typeof routes;

/** What the sample application works with. */
export type AppDependencies = {
  readonly database: Database;
  readonly upstream: Upstream;
  readonly sessions: Sessions;
  /** What `/health` tells; default the definition's version. */
  readonly version?: string;
};

/** The handlers of the sample application, by the names of their routes in the definition. */
export function createApp({
  database,
  upstream,
  sessions,
  version = definition.dev.version,
}: AppDependencies): Readonly<Record<RouteId, Handler>> {
  return {
    search: createSearchHandler(upstream),
    chat: createChatHandler(upstream),
    login: createLoginHandler(database, sessions),
    readSession: createReadSessionHandler(sessions),
    endSession: createEndSessionHandler(sessions),
    createOrder: createOrderHandler(database),
    readOrder: createReadOrderHandler(database),
    writeLogs: createWriteLogsHandler(database),
    readLogs: createReadLogsHandler(database),
    // Asks no dependency: a database that all share must not take every instance out at once.
    health: () => json(200, { status: 'ok', version }, ['cache-control', 'no-store']),
  };
}
