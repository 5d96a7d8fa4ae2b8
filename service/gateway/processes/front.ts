import { createAi } from '../../ai/index.ts';
import { createApp, createLoginGuard, findKey } from '../../app/index.ts';
import { createAnswerCache, startWarmUp, type AnswerCache } from '../../cache/index.ts';
import type { Config } from '../../config.ts';
import { LANES, toBytes, toMilliseconds } from '../../definition/index.ts';
import { createPolicySets, limitNames } from '../../limit/index.ts';
import { createDatabase, poolShare, type Database } from '../../store/postgres.ts';
import { createSessions } from '../../store/sessions.ts';
import { LABEL_VALUES, METRICS } from '../../telemetry/catalogue.ts';
import type { Cells } from '../../telemetry/cells.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Invalidation } from '../admin.ts';
import { createClientProtocol } from '../client-address.ts';
import type { Exchange } from '../exchange.ts';
import { createInwardRequests } from '../inward-request.ts';
import {
  createHitPipeline,
  createInwardPipeline,
  createPipeline,
  createProxyPipeline,
  type HitPipeline,
  type PipelineOptions,
} from '../pipeline.ts';
import { createProxyHandler, createProxyRouter } from '../proxy.ts';
import { createRouter, type Router } from '../router.ts';
import type { Stage } from '../stage.ts';
import type { UpstreamClient } from '../upstream/index.ts';
import { createAdaptiveLimits } from './adaptive-limits.ts';
import type { Protection } from './protection.ts';
import { connectProviders } from './providers.ts';
import type { Stores } from './stores.ts';
import { traceDatabase } from './traced-stores.ts';

/** What a worker serves: which route a request has, and how it is answered. */
export type Front = {
  readonly router: Router;
  readonly answer: Stage;
  /** The way of kept answers alone; absent where the listener has no use for it. */
  readonly hits?: HitPipeline;
  /** Forgets answers, wherever the cache is shared. */
  invalidate(what: Invalidation): Promise<void>;
  /** Brings the gauges of this front's resources up to date. */
  measure(): void;
  close(): Promise<void>;
};

/** What a front is made from. */
export type FrontOptions = {
  readonly config: Config;
  readonly stores: Stores;
  readonly upstream: UpstreamClient;
  readonly protection: Protection;
  readonly cells: Cells;
  readonly log: Log;
};

/** The sample application's routes, with cache, sessions and Postgres. */
export function createApplicationFront(options: FrontOptions): Front {
  const { config, stores, upstream, protection, cells, log } = options;
  const { service } = config;
  const { breakers, registry } = protection;
  const share = poolShare(service.datastores.postgres, config.workers);
  const { acquireTimeout, statementTimeout, recycle, pooler } = service.datastores.postgres;
  const countError = cells.counter(METRICS.storeErrors, { store: 'postgres' });
  const untraced = createDatabase({
    connectionString: config.databaseUrl ?? '',
    pooler: config.databasePooler,
    ...share,
    acquireTimeout,
    statementTimeout,
    recycle: (config.databasePooler === undefined ? undefined : pooler?.recycle) ?? recycle,
    breaker: breakers.postgres,
    onError: (_error, kind) => {
      // That there are more queries than connections is no failure of the store, and what was not asked did not fail.
      if (kind !== 'left-alone' && kind !== 'exhausted') countError();
    },
  });
  const database = config.collector ? traceDatabase(untraced) : untraced;
  const { lifetime, renewal, maxLifetime, cookie } = service.sessions;
  const sessions = createSessions({
    store: stores.values,
    lifetimeMs: toMilliseconds(lifetime),
    renewal,
    maxLifetimeMs: toMilliseconds(maxLifetime),
  });
  const guard = config.limits ? createLoginGuard({ limits: stores.limits, values: stores.values }) : undefined;
  const shared = createShared(options);
  const providers = connectProviders({ config, upstream, breakers: protection.modelBreakers, cells, log });
  const ai = createAi({
    service,
    store: config.limits ? stores.limits : undefined,
    providers: providers.all,
    cells,
    cache: shared.pipeline.cache,
    onFailure: ({ error, ...failure }) =>
      log.warn({ ...failure, problem: error.code, detail: error.message }, 'a provider of models did not answer'),
    onError: (error) => log.error({ err: error }, 'a question of a batch failed inside the gateway'),
  });
  const app = createApp({
    database,
    upstream,
    sessions,
    guard,
    cookie,
    paymentBreaker: breakers.payment,
    models: ai.handlers,
    breakers: registry.rows,
    service,
  });
  const measurePools = poolGauges(cells, database);
  const router = createRouter(service.routes, app);
  const stopWarmUp = startWarmUp({
    settings: service.cache.warmUp,
    leases: stores.cache.leases,
    fetch: createInwardRequests(router, createInwardPipeline(shared.pipeline)),
    log: (fields, message) => log.info(fields, message),
    onError: (error) => log.warn({ err: error }, 'the cache could not be warmed up; trying again'),
  });
  return {
    router,
    answer: createPipeline({
      ...shared.pipeline,
      credentials: {
        key: (hash, timeoutMs) => findKey(database, hash, AbortSignal.timeout(timeoutMs)),
        session: async (token) => (await sessions.find(token))?.owner,
      },
      probeKey: config.probeKey,
      ignoresUnknown: config.unknownKeys === 'ignore',
      onKeysBelieved: (lookUps, error) =>
        log.warn(
          { err: error, look_ups: lookUps },
          'postgres cannot be asked for keys; those that it knew lately count',
        ),
    }),
    ...(service.gateway.listener === 'fast' && { hits: createHitPipeline(shared.pipeline) }),
    invalidate: shared.invalidate,
    measure() {
      shared.measure();
      measurePools();
    },
    async close() {
      stopWarmUp();
      shared.close();
      await Promise.all([ai.close(), providers.close(), database.close()]);
    },
  };
}

/** Every path, passed on to another origin. */
export function createProxyFront(options: FrontOptions): Front {
  const { service } = options.config;
  const shared = createShared(options);
  const protocol = createClientProtocol(service.gateway);
  const scheme = ({ request }: Exchange): string => protocol(request);
  const origin = createProxyHandler(options.upstream, { name: service.name, forwardedProto: scheme });
  return {
    router: createProxyRouter(origin, service.gateway.requestTimeout),
    answer: createProxyPipeline({ ...shared.pipeline, origin, scheme }),
    invalidate: shared.invalidate,
    measure: shared.measure,
    close() {
      shared.close();
      return Promise.resolve();
    },
  };
}

/** What every front has: limits, cache, lanes, and what they are counted in. */
function createShared({ config, stores, protection, cells, log }: FrontOptions): {
  readonly pipeline: PipelineOptions;
  invalidate(what: Invalidation): Promise<void>;
  measure(): void;
  close(): void;
} {
  const { service } = config;
  const countLookup = cells.counters(METRICS.cacheLookups, 'result', LABEL_VALUES.result);
  const countEvent = cells.counters(METRICS.cacheEvents, 'event', LABEL_VALUES.event);
  const cache = createAnswerCache({
    settings: service.cache,
    shared: stores.cache,
    maxBytes: toBytes(service.gateway.memory.cache),
    onEvent: countEvent,
    onError: () => countLookup('error'),
  });
  const stopCache = cache.tiers.start();
  const setBytes = cells.gauge(METRICS.cacheBytes);
  const names = limitNames(service);
  const limitSets = createPolicySets({ limits: service.limits });
  const adaptLimits = createAdaptiveLimits({ sets: limitSets, cells, log });
  return {
    pipeline: {
      service,
      limitStore: config.limits ? stores.limits : undefined,
      limitSets,
      cache,
      lanes: protection.lanes,
      onDecision: cells.counters(METRICS.limitDecisions, 'decision', LABEL_VALUES.decision),
      onDenial: cells.counters(METRICS.limitDenials, 'limit', names),
      onShadowDenial: cells.counters(METRICS.limitShadowDenials, 'limit', names),
      onLookup: countLookup,
      onHit: cells.counters(METRICS.cacheHits, 'level', LABEL_VALUES.level),
      onCacheEvent: countEvent,
      onRefreshError: (error) => log.debug({ err: error }, 'an answer could not be fetched anew'),
    },
    invalidate: (what) => invalidate(cache, what),
    measure() {
      setBytes(cache.tiers.stats.bytes);
      adaptLimits();
    },
    close: stopCache,
  };
}

async function invalidate({ tiers }: AnswerCache, what: Invalidation): Promise<void> {
  if ('key' in what) await tiers.drop(what.key);
  else if ('tag' in what) await tiers.invalidate({ tags: [what.tag] });
  else if ('prefix' in what) await tiers.invalidate({ prefixes: [what.prefix] });
  else await tiers.invalidate({ everything: true });
}

function poolGauges(cells: Cells, database: Database): () => void {
  const gauges = LANES.map((lane) => ({
    lane,
    open: cells.gauge(METRICS.poolConnections, { lane }),
    waiting: cells.gauge(METRICS.poolWaiting, { lane }),
    limit: cells.gauge(METRICS.poolLimit, { lane }),
  }));
  return () => {
    for (const { lane, open, waiting, limit } of gauges) {
      const counts = database.connections(lane);
      open(counts.open);
      waiting(counts.waiting);
      limit(counts.limit);
    }
  };
}
