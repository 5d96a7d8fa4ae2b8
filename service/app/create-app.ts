import type { ModelRouteId } from '../ai/index.ts';
import { definition, type Service } from '../definition/index.ts';
import type { routes } from '../definition/routes.ts';
import type { Handler } from '../gateway/exchange.ts';
import { describeService } from '../gateway/openapi/index.ts';
import { json } from '../gateway/reply.ts';
import type { Breaker, BreakerRow } from '../resilience/index.ts';
import type { Database } from '../store/postgres.ts';
import type { LoginGuard } from './login-guard.ts';
import { createReadLogsHandler, createWriteLogsHandler } from './logs.ts';
import { createOrderHandler, createReadOrderHandler } from './orders.ts';
import { createPaymentHandler } from './payment.ts';
import type { Sessions, Upstream } from './ports.ts';
import { createSearchHandler } from './search.ts';
import {
  createEndSessionHandler,
  createLoginHandler,
  createReadSessionHandler,
  createRotateSessionHandler,
  createUpdateSessionHandler,
} from './session.ts';
import { createStatusHandler } from './status.ts';

type RouteId = keyof typeof routes;

/** What the sample application works with. */
export type AppDependencies = {
  readonly database: Database;
  readonly upstream: Upstream;
  readonly sessions: Sessions;
  /** What stands in front of passwords beside the log-in's own limit; undefined where limits are switched off. */
  readonly guard: LoginGuard | undefined;
  /** Whether, and how, a session is also kept in a cookie; default `none`. */
  readonly cookie?: Service['sessions']['cookie'];
  /** Stands in front of payments; default the one of the upstream's lane. */
  readonly paymentBreaker?: Breaker;
  /** What answers for models. */
  readonly models: Readonly<Record<ModelRouteId, Handler>>;
  /** The breakers of this process, for `/status`; default none. */
  readonly breakers?: () => readonly BreakerRow[];
  /** What `/openapi.json`, `/docs`, `/health` and `/status` tell of; default the definition's dev. */
  readonly service?: Pick<Service, 'name' | 'routes' | 'version'>;
};

/** The handlers of the sample application, by the names of their routes in the definition. */
export function createApp({
  database,
  upstream,
  sessions,
  guard,
  cookie = 'none',
  paymentBreaker,
  models,
  breakers = () => [],
  service = definition.dev,
}: AppDependencies): Readonly<Record<RouteId, Handler>> {
  const { version } = service;
  return {
    search: createSearchHandler(upstream),
    ...models,
    ...describeService(service),
    login: createLoginHandler({ database, sessions, guard, cookie }),
    readSession: createReadSessionHandler({ sessions, cookie }),
    updateSession: createUpdateSessionHandler({ sessions, cookie }),
    rotateSession: createRotateSessionHandler({ sessions, cookie }),
    endSession: createEndSessionHandler({ sessions, cookie }),
    createOrder: createOrderHandler(database),
    readOrder: createReadOrderHandler(database),
    pay: createPaymentHandler({ database, upstream, breaker: paymentBreaker }),
    status: createStatusHandler({ version, database, breakers }),
    writeLogs: createWriteLogsHandler(database),
    readLogs: createReadLogsHandler(database),
    // Asks no dependency: a database that all share must not take every instance out at once.
    health: () => json(200, { status: 'ok', version }, ['cache-control', 'no-store']),
  };
}
