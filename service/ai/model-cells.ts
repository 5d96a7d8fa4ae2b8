import type { ModelPrices, Service } from '../definition/index.ts';
import { METRICS, OTHER_MODEL } from '../telemetry/catalogue.ts';
import type { Cells } from '../telemetry/cells.ts';
import type { Usage } from './usage.ts';

/** What one model's answers are counted in. Times in seconds. */
export type ModelCells = {
  readonly duration: (seconds: number) => void;
  readonly firstToken: (seconds: number) => void;
  readonly perToken: (seconds: number) => void;
  /** Counts tokens, and what they cost where the definition tells the prices. */
  readonly use: (usage: Usage) => void;
};

/** Prices are for so many tokens. */
const PRICED_TOKENS = 1_000_000;

/** The cells of a model by the name that a client gave; those of `other` for one that the definition does not list. */
export function createModelCells(cells: Cells, models: Service['models']): (name: unknown) => ModelCells {
  const other = cellsOf(cells, OTHER_MODEL);
  const known = new Map<unknown, ModelCells>(
    Object.entries(models).map(([name, prices]) => [name, cellsOf(cells, name, prices)]),
  );
  return (name) => known.get(name) ?? other;
}

function cellsOf(cells: Cells, model: string, prices?: ModelPrices): ModelCells {
  const input = cells.histogram(METRICS.aiTokens, { model, token_type: 'input' });
  const output = cells.histogram(METRICS.aiTokens, { model, token_type: 'output' });
  const addCost = cells.adder(METRICS.aiCost, { model });
  return {
    duration: cells.histogram(METRICS.aiDuration, { model }),
    firstToken: cells.histogram(METRICS.aiFirstToken, { model }),
    perToken: cells.histogram(METRICS.aiPerToken, { model }),
    use(usage) {
      if (usage.input !== undefined) input(usage.input);
      if (usage.output !== undefined) output(usage.output);
      if (!prices) return;
      const { inputPrice, outputPrice } = prices;
      addCost(((usage.input ?? 0) * inputPrice + (usage.output ?? 0) * outputPrice) / PRICED_TOKENS);
    },
  };
}
