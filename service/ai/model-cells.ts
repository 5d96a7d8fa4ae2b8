import { METRICS, MODEL_LIMITS, OTHER_MODEL } from '../telemetry/catalogue.ts';
import type { Cells } from '../telemetry/cells.ts';
import type { AdmissionLimit } from './admission.ts';
import { createProviderLimits } from './provider-limits.ts';
import { costOf, type PricesOf } from './usage-amounts.ts';
import type { Usage } from './usage.ts';

/** What one model's answers are counted in. Times in seconds. */
export type ModelCells = {
  readonly duration: (seconds: number) => void;
  readonly firstToken: (seconds: number) => void;
  readonly perToken: (seconds: number) => void;
  /** A request was let through, after a wait, with so many tokens reserved. */
  readonly admitted: (seconds: number, tokens: number) => void;
  readonly refused: (limit: AdmissionLimit) => void;
  /** Notes what the headers of an answer say of the provider's limits. */
  readonly limits: (headers: Readonly<Record<string, string>>) => void;
  /** Counts tokens, and what they cost. */
  readonly use: (usage: Usage, prices: PricesOf) => void;
};

/** The cells of a model by the name that clients know; those of `other` for one that the definition does not list. */
export function createModelCells(cells: Cells, models: readonly string[]): (name: string) => ModelCells {
  const other = cellsOf(cells, OTHER_MODEL);
  const known = new Map(models.map((name) => [name, cellsOf(cells, name)]));
  return (name) => known.get(name) ?? other;
}

function cellsOf(cells: Cells, model: string): ModelCells {
  const input = cells.histogram(METRICS.aiTokens, { model, token_type: 'input' });
  const output = cells.histogram(METRICS.aiTokens, { model, token_type: 'output' });
  const waited = cells.histogram(METRICS.aiWait, { model });
  const addReserved = cells.adder(METRICS.aiReserved, { model });
  const refused = new Map(MODEL_LIMITS.map((limit) => [limit, cells.counter(METRICS.aiRefusals, { model, limit })]));
  const addCost = cells.adder(METRICS.aiCost, { model });
  return {
    duration: cells.histogram(METRICS.aiDuration, { model }),
    firstToken: cells.histogram(METRICS.aiFirstToken, { model }),
    perToken: cells.histogram(METRICS.aiPerToken, { model }),
    limits: createProviderLimits(cells, model),
    admitted(seconds, tokens) {
      waited(seconds);
      addReserved(tokens);
    },
    refused: (limit) => refused.get(limit)?.(),
    use(usage, prices) {
      if (usage.input !== undefined) input(usage.input);
      if (usage.output !== undefined) output(usage.output);
      addCost(costOf(usage, prices));
    },
  };
}
