import { createApp, findKeyOwner } from '../../app/index.ts';
import { ResponseCache } from '../../cache/index.ts';
import type { Config } from '../../config.ts';
import { LANES, toBytes, toMilliseconds, type Lane } from '../../definition/index.ts';
import { createDatabase } from '../../store/postgres.ts';
import { createSessions } from '../../store/sessions.ts';
import { LABEL_VALUES, METRICS } from '../../telemetry/catalogue.ts';
import type { Cells } from '../../telemetry/cells.ts';
import { createPipeline, createProxyPipeline } from '../pipeline.ts';
import { createProxyHandler, createProxyRouter } from '../proxy.ts';
import { createRouter, type Router } from '../router.ts';
import type { Stage } from '../stage.ts';
import type { UpstreamClient } from '../upstream.ts';
import type { Stores } from './stores.ts';

/** What a worker serves: which route a request has, and how it is answered. */
export type Front = {
  readonly router: Router;
  readonly answer: Stage;
  /** Brings the gauges of this front's resources up to date. */
  measure(): void;
  close(): Promise<void>;
};

/** What a front is made from. */
export type FrontOptions = {
  readonly config: Config;
  readonly stores: Stores;
  readonly upstream: UpstreamClient;
  readonly cells: Cells;
};

/** The sample application's routes, with cache, sessions and Postgres. */
export function createApplicationFront({ config, stores, upstream, cells }: FrontOptions): Front {
  const { service } = config;
  const { acquireTimeout, statementTimeout } = service.datastores.postgres;
  const pools = ownPools(config);
  const database = createDatabase({
    connectionString: config.databaseUrl ?? '',
    pools,
    acquireTimeout,
    statementTimeout,
    onError: cells.counter(METRICS.storeErrors, { store: 'postgres' }),
  });
  const sessions = createSessions({ store: stores.values, lifetimeMs: toMilliseconds(service.sessions.lifetime) });
  const countLookup = cells.counters(METRICS.cacheLookups, 'result', LABEL_VALUES.result);
  const cache = new ResponseCache({
    shared: stores.values,
    maxBytes: toBytes(service.gateway.memory.cache),
    onError: () => countLookup('error'),
  });
  const answer = createPipeline({
    service,
    limitStore: config.limits ? stores.limits : undefined,
    credentials: {
      key: (hash) => findKeyOwner(database, hash),
      session: async (token) => (await sessions.find(token))?.owner,
    },
    cache,
    onDecision: cells.counters(METRICS.limitDecisions, 'decision', LABEL_VALUES.decision),
    onLookup: countLookup,
  });
  return {
    router: createRouter(service.routes, createApp({ database, upstream, sessions, version: service.version })),
    answer,
    measure() {
      for (const lane of LANES) {
        cells.gauge(METRICS.poolConnections, { lane })(database.connections(lane));
        cells.gauge(METRICS.poolLimit, { lane })(pools[lane]);
      }
    },
    close: () => database.close(),
  };
}

/** Every path, passed on to another origin. */
export function createProxyFront({ config, stores, upstream, cells }: FrontOptions): Front {
  const { service } = config;
  return {
    router: createProxyRouter(createProxyHandler(upstream), service.gateway.requestTimeout),
    answer: createProxyPipeline({
      service,
      limitStore: config.limits ? stores.limits : undefined,
      onDecision: cells.counters(METRICS.limitDecisions, 'decision', LABEL_VALUES.decision),
    }),
    measure: () => undefined,
    close: () => Promise.resolve(),
  };
}

/** A worker's share of the pod's connections, rounded down so that all together never open more; each needs one. */
function ownPools({ service, workers }: Config): Record<Lane, number> {
  const { critical, background } = service.datastores.postgres.pools;
  const share = (connections: number): number => Math.max(1, Math.floor(connections / workers));
  return { critical: share(critical), background: share(background) };
}
