import type { Service } from '../definition/index.ts';
import type { RelayTap } from '../gateway/relay.ts';
import { METRICS } from '../telemetry/catalogue.ts';
import type { Cells } from '../telemetry/cells.ts';
import { createModelCells } from './model-cells.ts';
import { createProviderLimits } from './provider-limits.ts';
import { watchStream } from './stream-watch.ts';
import { findUsage } from './usage.ts';

/** What the calls of models are measured with. */
export type ModelMeter = {
  /** A model is asked now, by the name that the client gave; `startedAt`: when the client's request began. */
  begin(model: unknown, startedAt: number): ModelCall;
};

/** One call of a model. Nothing of it throws or changes a byte, whatever the provider sends. */
export type ModelCall = {
  /** The head of the provider's answer has come. */
  onHead(headers: Readonly<Record<string, string>>): void;
  /** The answer has come whole; its status is a success. */
  onWhole(body: Buffer): void;
  /** The answer comes as a stream: who is to look on. */
  watch(): RelayTap;
};

/** Settings of a meter. */
export type ModelMeterOptions = {
  readonly cells: Cells;
  readonly models: Service['models'];
  /** Monotonic clock in milliseconds, the one of requests; default performance.now. */
  readonly now?: () => number;
};

/** Measures time, tokens and cost of each model's answers, and what the gateway adds to the time. */
export function createModelMeter({ cells, models, now = () => performance.now() }: ModelMeterOptions): ModelMeter {
  const cellsOf = createModelCells(cells, models);
  const tellLimits = createProviderLimits(cells);
  const overhead = cells.histogram(METRICS.aiOverhead);
  return {
    begin(model, startedAt) {
      const counted = cellsOf(model);
      const askedAt = now();
      let answeredAt = askedAt;
      const since = (from: number): number => Math.max(0, now() - from) / 1000;
      /** From the request to the asking, and from the answer to here. */
      const handOn = (): void => overhead(Math.max(0, askedAt - startedAt) / 1000 + since(answeredAt));
      return {
        onHead(headers) {
          answeredAt = now();
          tellLimits(headers);
        },
        onWhole(body) {
          answeredAt = now();
          counted.duration(since(askedAt));
          const usage = findUsage(body);
          if (usage) counted.use(usage);
          handOn();
        },
        watch() {
          handOn();
          return watchStream({ counted, askedAt, now });
        },
      };
    },
  };
}
