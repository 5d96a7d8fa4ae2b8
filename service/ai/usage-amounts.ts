import type { ModelSettings } from '../definition/index.ts';
import type { Usage } from './usage.ts';

/** Prices are for so many tokens. */
const PRICED_TOKENS = 1_000_000;

/** What a question and its answer count against limits of tokens; what the provider had in its cache does not. */
export function tokensOf({ input = 0, output = 0, cached = 0 }: Usage): number {
  return Math.max(0, input - cached) + output;
}

/** What they cost, in US dollars. */
export function costOf({ input = 0, output = 0, cached = 0 }: Usage, prices: PricesOf): number {
  const { inputPrice, cachedPrice = inputPrice, outputPrice } = prices;
  const fresh = Math.max(0, input - cached);
  return (fresh * inputPrice + Math.min(cached, input) * cachedPrice + output * outputPrice) / PRICED_TOKENS;
}

/** The prices of a model. */
export type PricesOf = Pick<ModelSettings, 'inputPrice' | 'outputPrice' | 'cachedPrice'>;
