import type { ResponseCache } from '../cache/index.ts';
import type { Service } from '../definition/index.ts';
import type { LimitStore } from '../limit/index.ts';
import { inOrder, type Stage } from './stage.ts';
import { addressCaller, authenticate, turnAway, type CredentialFinder } from './stages/authenticate.ts';
import { cache, type CacheOptions } from './stages/cache.ts';
import { limit, type LimitOptions } from './stages/limit.ts';
import { validate } from './stages/validate.ts';

/** What the stages of the application's pipeline need. */
export type PipelineOptions = {
  readonly service: Service;
  /** Undefined switches limits off. */
  readonly limitStore: LimitStore | undefined;
  readonly credentials: CredentialFinder;
  readonly cache: ResponseCache;
  readonly onDecision: LimitOptions['onDecision'];
  readonly onLookup: CacheOptions['onLookup'];
};

/** The way of a request through the application's gateway, in order. */
export function createPipeline({
  service,
  limitStore,
  credentials,
  cache: kept,
  onDecision,
  onLookup,
}: PipelineOptions): Stage {
  return inOrder([
    authenticate({ credentials }),
    ...(limitStore ? [limit({ limits: service.limits, store: limitStore, onDecision })] : []),
    turnAway,
    validate({ maxBody: service.gateway.maxBody, routes: service.routes }),
    cache({ cache: kept, name: service.name, origin: handle, onLookup }),
  ]);
}

/** The way of a request through a gateway that stands in front of another origin: credentials are the origin's. */
export function createProxyPipeline({
  service,
  limitStore,
  onDecision,
}: Pick<PipelineOptions, 'service' | 'limitStore' | 'onDecision'>): Stage {
  return inOrder([
    function identify(exchange) {
      exchange.caller = addressCaller(exchange);
      return undefined;
    },
    ...(limitStore ? [limit({ limits: service.limits, store: limitStore, onDecision })] : []),
    handle,
  ]);
}

const handle: Stage = (exchange) => exchange.route.handler(exchange);
