import { createServer, type Server } from 'node:http';
import express, { type Router } from 'express';
import { createAdminRouter, type AdminOptions } from './admin.ts';
import type { Exposition } from '../telemetry/exposition.ts';
import { createMetricsPage } from './metrics-page.ts';
import { withoutFloods } from './pipelining.ts';

/** What the ops port reports and takes. */
export type OpsOptions = {
  readonly metrics: Exposition;
  /** Why no requests should be sent here, in words; undefined: they should. */
  readonly whyNotReady: () => string | undefined;
  /** The state of each dependency, for people; never part of readiness, since all pods share them. */
  readonly dependencies: () => Promise<Readonly<Record<string, 'up' | 'down' | 'unused'>>>;
  /** What people may look at and change. */
  readonly admin: AdminOptions;
  /** The routes of the live page, as soon as they are loaded; where they cannot be, as default, none. */
  readonly page?: Promise<Router>;
};

/** The ops port: metrics and health, on Express, in the primary, where a stuck worker cannot reach it. */
export function createOpsServer({ metrics, whyNotReady, dependencies, admin, page }: OpsOptions): Server {
  const app = express();
  app.disable('x-powered-by');
  app.get('/livez', (_request, response) => {
    response.type('text/plain').send('ok\n');
  });
  app.get('/readyz', (_request, response) => {
    const reason = whyNotReady();
    response
      .status(reason === undefined ? 200 : 503)
      .type('text/plain')
      .send(reason === undefined ? 'ok\n' : `not ready: ${reason}\n`);
  });
  app.get('/healthz', async (_request, response) => {
    response.json({ ready: whyNotReady() === undefined, dependencies: await dependencies() });
  });
  app.get('/metrics', createMetricsPage({ exposition: metrics }));
  app.use('/admin', createAdminRouter(admin));
  if (page) {
    // Why it cannot be had is told by whoever loads it; what else this port answers stays as it is.
    const loaded = page.catch(() => undefined);
    app.use(async (request, response, next) => {
      const routes = await loaded;
      if (routes) routes(request, response, next);
      else next();
    });
    app.get('/', (_request, response) => {
      response.status(503).type('text/plain').send('the live page could not be loaded; the log says why\n');
    });
  }
  return createServer(withoutFloods(app));
}
