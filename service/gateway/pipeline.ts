import type { AnswerCache } from '../cache/index.ts';
import { toMilliseconds, type Service } from '../definition/index.ts';
import type { LimitStore, PolicySets } from '../limit/index.ts';
import type { Lanes } from '../resilience/index.ts';
import type { Exchange } from './exchange.ts';
import type { ProxyHandler } from './proxy.ts';
import { inOrder, type Stage } from './stage.ts';
import {
  addressCaller,
  authenticate,
  turnAway,
  type AuthenticateOptions,
  type CredentialFinder,
} from './stages/authenticate.ts';
import { cache, type CacheOptions, type CacheStage, type Hit } from './stages/cache.ts';
import { httpCache, type HttpCacheOptions } from './stages/http-cache.ts';
import { lane } from './stages/lane.ts';
import { limit, type LimitOptions } from './stages/limit.ts';
import { validate } from './stages/validate.ts';

/** What both pipelines need. */
export type PipelineOptions = {
  readonly service: Service;
  /** Undefined switches limits off. */
  readonly limitStore: LimitStore | undefined;
  /** Which limits hold a request; default: those of the definition. */
  readonly limitSets?: PolicySets;
  readonly cache: AnswerCache;
  readonly lanes: Lanes;
  /** Told what the limits decided. */
  readonly onDecision: LimitOptions['onDecision'];
  readonly onDenial?: NonNullable<LimitOptions['onDenial']>;
  readonly onShadowDenial?: NonNullable<LimitOptions['onShadowDenial']>;
  /** Told what the cache did. */
  readonly onLookup: CacheOptions['onLookup'];
  readonly onHit?: NonNullable<CacheOptions['onHit']>;
  readonly onCacheEvent?: HttpCacheOptions['onEvent'];
  /** Told why an answer could not be fetched anew in the background. */
  readonly onRefreshError?: NonNullable<CacheOptions['onRefreshError']>;
};

/** What the application's pipeline needs beside. */
export type ApplicationPipelineOptions = PipelineOptions & {
  readonly credentials: CredentialFinder;
  /** By which probes are known; absent: there are none. */
  readonly probeKey?: string | undefined;
  /** Whether credentials that nobody gave out are as good as none on routes of models; default false. */
  readonly ignoresUnknown?: boolean;
  /** Told at most once a minute that keys are believed without being asked for. */
  readonly onKeysBelieved?: NonNullable<AuthenticateOptions['onKeysBelieved']>;
};

/** What the pipeline in front of another origin needs beside. */
export type ProxyPipelineOptions = PipelineOptions & {
  readonly origin: ProxyHandler;
  /** `http` or `https`, as the client sees it. */
  readonly scheme?: NonNullable<HttpCacheOptions['scheme']>;
};

/** The way of a request through the application's gateway, in order. */
export function createPipeline(options: ApplicationPipelineOptions): Stage {
  const { service, credentials, probeKey, ignoresUnknown, onKeysBelieved } = options;
  return inOrder([
    authenticate({
      credentials,
      cookies: service.sessions.cookie !== 'none',
      probeKey,
      ...(ignoresUnknown !== undefined && { ignoresUnknown }),
      keysBelievedForMs: toMilliseconds(service.datastores.postgres.keysBelievedFor),
      ...(onKeysBelieved && { onKeysBelieved }),
    }),
    ...limits(options),
    turnAway,
    ...fromCache(options),
  ]);
}

/** The way of a request that the gateway makes of itself, to have its answer in the cache: no caller, no limits. */
export function createInwardPipeline(options: PipelineOptions): Stage {
  return inOrder(fromCache({ ...options, onLookup: () => undefined, onHit: () => undefined }));
}

/** The way of requests that the application's cache answers at once; for a listener that answers nothing else. */
export type HitPipeline = {
  /** The hit of a GET that shows no credential; only looks. Throws a Problem where the pipeline does. */
  find(exchange: Exchange): Hit | undefined;
  /** Charges the limits; to be passed before the hit is given. */
  readonly limit: Stage;
};

/** The parts of the application's pipeline that a hit passes. */
export function createHitPipeline(options: PipelineOptions): HitPipeline {
  const [check, kept] = fromCache(options);
  return {
    find(exchange) {
      const { route } = exchange;
      if (route.method !== 'GET' || route.body !== undefined || route.auth === 'required') return undefined;
      exchange.caller = addressCaller(exchange);
      return check(exchange) === undefined ? kept.findHit(exchange) : undefined;
    },
    limit: inOrder(limits(options)),
  };
}

function fromCache({
  service,
  cache: kept,
  lanes,
  onLookup,
  onHit = () => undefined,
  onCacheEvent,
  onRefreshError,
}: PipelineOptions): readonly [check: Stage, kept: CacheStage] {
  return [
    validate({ maxBody: service.gateway.maxBody, routes: service.routes }),
    cache({
      cache: kept,
      name: service.name,
      origin: lane({ lanes, origin: handle }),
      onLookup,
      onHit,
      onEvent: (event) => event !== 'negative' && onCacheEvent?.(event),
      ...(onRefreshError && { onRefreshError }),
    }),
  ];
}

/** The way of a request through a gateway that stands in front of another origin: credentials are the origin's. */
export function createProxyPipeline(options: ProxyPipelineOptions): Stage {
  const { service, cache: kept, lanes, origin, scheme, onLookup, onHit, onCacheEvent = () => undefined } = options;
  return inOrder([
    function identify(exchange) {
      exchange.caller = addressCaller(exchange);
      return undefined;
    },
    ...limits(options),
    httpCache({
      tiers: kept.tiers,
      flights: kept.flights,
      name: service.name,
      origin: lane({ lanes, origin }),
      settings: service.cache,
      ...(scheme && { scheme }),
      onLookup,
      ...(onHit && { onHit }),
      // What is stored and what goes, the tiers tell by themselves.
      onEvent: (event) => {
        if (event === 'collapsed' || event === 'refreshed') onCacheEvent(event);
      },
    }),
  ]);
}

const handle: Stage = (exchange) => exchange.route.handler(exchange);

function limits({
  service,
  limitStore,
  limitSets,
  onDecision,
  onDenial,
  onShadowDenial,
}: PipelineOptions): readonly Stage[] {
  if (!limitStore) return [];
  return [
    limit({
      limits: service.limits,
      store: limitStore,
      onDecision,
      ...(limitSets && { sets: limitSets }),
      ...(onDenial && { onDenial }),
      ...(onShadowDenial && { onShadowDenial }),
    }),
  ];
}
