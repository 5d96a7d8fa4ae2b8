import { LABEL_VALUES, METRICS } from '../telemetry/catalogue.ts';
import type { Cells } from '../telemetry/cells.ts';
import type { AdmissionLimit } from './admission.ts';
import { createModelCells } from './model-cells.ts';
import type { Offer } from './offers.ts';
import type { StreamEnd } from './stream-watch.ts';
import type { Usage } from './usage.ts';

/** How a question to a provider ends. */
export type AttemptOutcome = (typeof LABEL_VALUES.outcome)[number];

/** What the calls of models are measured with. */
export type ModelMeter = {
  /** A provider was asked, and this is how it ended. */
  attempted(provider: string, outcome: AttemptOutcome): void;
  /** Limits let a request for a model through, after a wait, with so many tokens reserved. */
  admitted(model: string, waitedMs: number, tokens: number): void;
  /** A limit kept a request from every provider of a model. */
  refused(model: string, limit: AdmissionLimit): void;
  /** A model is asked now; `startedAt`: when the client's request began. */
  begin(offer: Pick<Offer, 'model' | 'settings'>, startedAt: number): ModelCall;
};

/** One call of a model. Nothing of it throws. */
export type ModelCall = {
  /** The head of the provider's answer has come. */
  onHead(headers: Readonly<Record<string, string>>): void;
  /** The answer has come whole; its status is a success. */
  onWhole(usage: Usage | undefined): void;
  /** The answer begins to be passed on as a stream. */
  onStream(): void;
  /** The first token of a stream has come. */
  onFirstToken(): void;
  /** The stream is over, whole or not. */
  onStreamEnd(end: Pick<StreamEnd, 'isWhole' | 'usage' | 'events' | 'first' | 'last'>): void;
};

/** Settings of a meter. */
export type ModelMeterOptions = {
  readonly cells: Cells;
  /** Names of the models that are told apart. */
  readonly models: readonly string[];
  /** Names of the providers; default none. */
  readonly providers?: readonly string[];
  /** Monotonic clock in milliseconds, the one of requests; default performance.now. */
  readonly now?: () => number;
};

/** Measures time, tokens and cost of each model's answers, and what the gateway adds to the time. */
export function createModelMeter({
  cells,
  models,
  providers = [],
  now = () => performance.now(),
}: ModelMeterOptions): ModelMeter {
  const cellsOf = createModelCells(cells, models);
  const attempts = new Map(
    providers.flatMap((provider) =>
      LABEL_VALUES.outcome.map((outcome) => [
        `${provider} ${outcome}`,
        cells.counter(METRICS.aiAttempts, { provider, outcome }),
      ]),
    ),
  );
  const overhead = cells.histogram(METRICS.aiOverhead);
  return {
    attempted: (provider, outcome) => attempts.get(`${provider} ${outcome}`)?.(),
    admitted: (model, waitedMs, tokens) => cellsOf(model).admitted(waitedMs / 1000, tokens),
    refused: (model, limit) => cellsOf(model).refused(limit),
    begin({ model, settings }, startedAt) {
      const counted = cellsOf(model);
      const askedAt = now();
      let answeredAt = askedAt;
      const since = (from: number): number => Math.max(0, now() - from) / 1000;
      /** From the request to the asking, and from the answer to here. */
      const handOn = (): void => overhead(Math.max(0, askedAt - startedAt) / 1000 + since(answeredAt));
      return {
        onHead(headers) {
          answeredAt = now();
          counted.limits(headers);
        },
        onWhole(usage) {
          answeredAt = now();
          counted.duration(since(askedAt));
          if (usage) counted.use(usage, settings);
          handOn();
        },
        onStream: handOn,
        onFirstToken: () => counted.firstToken(since(askedAt)),
        onStreamEnd({ isWhole, usage, events, first, last }) {
          if (usage) counted.use(usage, settings);
          if (!isWhole) return;
          counted.duration(since(askedAt));
          const following = (usage?.output ?? events) - 1;
          if (first === undefined || last === undefined || following <= 0) return;
          counted.perToken((last - first) / 1000 / following);
        },
      };
    },
  };
}
