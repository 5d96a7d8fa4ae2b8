import type { AnswerCache } from '../cache/index.ts';
import { listedModels, toMilliseconds, type Service } from '../definition/index.ts';
import type { Handler } from '../gateway/exchange.ts';
import { NOTHING_RESERVED, type ReservationVerdict, type ReservingStore } from '../limit/index.ts';
import type { Cells } from '../telemetry/cells.ts';
import { createAdmission } from './admission.ts';
import { embedTogether } from './embed-together.ts';
import { createInference, type Provider, type ProviderFailure } from './inference.ts';
import { createKeptAnswers } from './kept-answers.ts';
import { createLearnedAnswers } from './learned-answers.ts';
import { createModelAnswers, modelHandler, type ModelInterface } from './model-handler.ts';
import { createBatchHandler } from './batch-handler.ts';
import { createModelMeter } from './model-meter.ts';
import { createOffers, type Step } from './offers.ts';
import { createTokenCounter } from './token-counter.ts';

/** The interfaces of models, by the names of their routes. */
const INTERFACES = {
  chat: { path: '/chat/completions', hasUsageOption: true },
  responses: { path: '/responses', hasUsageOption: false },
  embeddings: { path: '/embeddings', hasUsageOption: false },
} as const satisfies Readonly<Record<string, ModelInterface>>;

/** Name of a route that a model answers, or that tells of models. */
export type ModelRouteId = keyof typeof INTERFACES | 'batch' | 'models';

/** The handlers of models. */
export type Ai = {
  readonly handlers: Readonly<Record<ModelRouteId, Handler>>;
  close(): Promise<void>;
};

/** What they work with. */
export type AiOptions = {
  readonly service: Pick<Service, 'ai' | 'gateway' | 'limits' | 'routes'>;
  /** Where limits are counted; undefined: there are none. */
  readonly store: ReservingStore | undefined;
  /** How each provider is reached; one that is not here is asked nothing. */
  readonly providers: Readonly<Record<string, Provider>>;
  readonly cells: Cells;
  /** Where answers are kept, if the definition says so; default nowhere. */
  readonly cache?: Pick<AnswerCache, 'tiers' | 'policy'>;
  /** Told of each provider that was asked and did not answer; default nobody. */
  readonly onFailure?: (failure: ProviderFailure) => void;
  /** Told of each error of the gateway's own that is told as the answer to one question of a batch; default nobody. */
  readonly onError?: (error: unknown) => void;
};

/** A little longer than the longest answer: what was not settled by then is settled by nobody. */
const LAPSE_MARGIN_MS = 30_000;

/** What answers for models. */
export function createAi({
  service,
  store = UNLIMITED,
  providers,
  cells,
  cache,
  onFailure = () => undefined,
  onError = () => undefined,
}: AiOptions): Ai {
  const { ai, gateway, limits } = service;
  const lapseMs = toMilliseconds(gateway.requestTimeout) + toMilliseconds(gateway.streamTimeout) + LAPSE_MARGIN_MS;
  const offers = createOffers({ ai, isReady: (provider) => provider in providers, lapseMs });
  const learned = createLearnedAnswers(limits.trackedCallers);
  const admission = createAdmission({ ai, store, lapseMs, tiers: Object.keys(limits.tiers) });
  const meter = createModelMeter({ cells, models: listedModels(ai), providers: Object.keys(ai.providers) });
  const hedgeAfterMs = ai.hedgeAfter === undefined ? undefined : toMilliseconds(ai.hedgeAfter);
  const inference = createInference({ offers, admission, learned, providers, meter, hedgeAfterMs, onFailure });
  const counter = createTokenCounter();
  const isOffered = (model: string): boolean => offers.find(model) !== undefined;
  const options = { inference, isOffered, meter, learned, counter };
  const together = embedTogether(ai.embeddings);
  const kept = ai.cache && cache ? createKeptAnswers({ settings: ai.cache, cache, cells }) : undefined;
  const chat = createModelAnswers({ ...INTERFACES.chat, kept }, options);
  const list = JSON.stringify({
    object: 'list',
    data: offers.names.map((id) => ({ id, object: 'model', created: 0, owned_by: ownerOf(offers.find(id)) })),
  });
  return {
    handlers: {
      chat: modelHandler(chat),
      responses: modelHandler(createModelAnswers(INTERFACES.responses, options)),
      embeddings: modelHandler(createModelAnswers({ ...INTERFACES.embeddings, together }, options)),
      batch: createBatchHandler({ answer: chat, concurrency: ai.batch.concurrency, onError }),
      models: () => ({
        status: 200,
        headers: ['content-type', 'application/json', 'cache-control', 'no-store'],
        body: list,
      }),
    },
    close: () => counter.close(),
  };
}

/** The provider that is asked first. */
function ownerOf(steps: readonly Step[] | undefined): string {
  return steps?.[0]?.[0]?.offer.provider ?? '';
}

const EVERYTHING: ReservationVerdict = {
  allowed: true,
  remaining: [],
  resetMs: [],
  deniedBy: [],
  shadowed: [],
  unavailable: false,
  release: undefined,
  settle: NOTHING_RESERVED,
};

/** Counts nothing, for a gateway whose limits are switched off. */
const UNLIMITED: ReservingStore = { take: () => EVERYTHING, reserve: () => EVERYTHING };
