import { z } from 'zod';

/** What a client may name; the word for all that are not listed is none of them. */
const name = z.string().regex(/^(?!other$)[A-Za-z0-9][\w.:/@-]{0,99}$/);

const price = z
  .number({ error: 'US dollars for a million tokens, 0 or more' })
  .min(0, { error: 'US dollars for a million tokens, 0 or more' })
  .max(10_000, { error: 'US dollars for a million tokens, 10000 at most' });

const prices = z.strictObject({
  /** US dollars for a million tokens of questions. */
  inputPrice: price,
  /** US dollars for a million tokens of answers. */
  outputPrice: price,
});

/**
 * The models that metrics tell apart, by the name that clients ask for; all others are counted together as `other`, and
 * cost nothing there. Each has series of its own, so there may be `MAX_MODELS`.
 */
export const modelsSchema = z
  .record(name, prices, { error: "prices by the names of models, such as 'gpt-4o-mini'; 'other' are all the rest" })
  .prefault({});

/** Models that an environment may tell apart. */
export const MAX_MODELS = 50;

/** What a model costs. */
export type ModelPrices = z.output<typeof prices>;
