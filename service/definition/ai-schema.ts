import { z } from 'zod';
import { count, duration, label, rate, text } from './fields.ts';

/** What a client may name; the word for all that are not listed is none of them. */
const name = z.string().regex(/^(?!other$)[A-Za-z0-9][\w.:/@-]{0,99}$/);

const price = z
  .number({ error: 'US dollars for a million tokens, 0 or more' })
  .min(0, { error: 'US dollars for a million tokens, 0 or more' })
  .max(10_000, { error: 'US dollars for a million tokens, 10000 at most' });

const dollars = z
  .number({ error: 'US dollars, more than 0' })
  .min(0.01, { error: 'US dollars, 0.01 at least' })
  .max(100_000_000, { error: 'US dollars, 100 million at most' });

const model = z.strictObject({
  /** Requests that the provider admits of it, to all who use the same key. */
  requests: rate,
  /** Tokens that the provider admits of it, of questions and answers together; cached ones are not counted. */
  tokens: rate,
  /** Tokens of a question and its answer together, at most. */
  context: count,
  /** Tokens of an answer, at most; default what the context leaves. */
  answer: count.optional(),
  /** US dollars for a million tokens of questions. */
  inputPrice: price,
  /** US dollars for a million tokens of questions that the provider had in its cache; default `inputPrice`. */
  cachedPrice: price.optional(),
  /** US dollars for a million tokens of answers. */
  outputPrice: price,
  /** What the provider calls it; default the name that clients ask for. */
  as: name.optional(),
});

const provider = z.strictObject({
  /** Where the paths of OpenAI's interface begin, such as `https://api.openai.com/v1`; absent: at the upstream, `/v1`. */
  baseUrl: text<string>(
    /^https?:\/\/[^/?#\s@]+(\/[\w./-]*[\w-])?$/,
    "where the paths begin, without credentials, such as 'https://api.openai.com/v1'",
  ).optional(),
  /**
   * The variable that holds its key (or `NAME_FILE`, a file with it), sent as `Authorization: Bearer`; absent: it takes
   * none. A provider whose key is not there is asked nothing.
   */
  key: text<string>(/^[A-Z][A-Z0-9_]{0,60}_KEY$/, "the name of a variable, such as 'OPENAI_API_KEY'").optional(),
  /** The models that it is asked for, by the names that clients know. */
  models: z.record(name, model, { error: "models by their names, such as 'gpt-4o-mini'; 'other' are all the rest" }),
  /** Makes it answer every other name too, each with these limits; absent: a name that is not listed is refused. */
  unlisted: model.omit({ as: true }).optional(),
  /** From asking to the first byte of a streamed answer's body; whoever takes longer is passed over. */
  firstToken: duration.default('20s'),
  /** The longest pause in a stream. */
  betweenTokens: duration.default('20s'),
});

/** What keys may use of models: of a key without a tier, and of keys of a tier. */
const perKey = <T extends z.ZodType>(each: T) =>
  z.strictObject({ address: each.optional(), key: each.optional(), tiers: z.record(label, each).default({}) });

/** Whom models are asked of, and how much of them each caller may use. */
export const aiSchema = z.strictObject({
  /** Asked in this order for a model that several have. */
  providers: z.record(label, provider).default({}),
  /** Other names of models: what is asked for by the first is the second. */
  aliases: z.record(name, name).default({}),
  /**
   * For single models, who is asked after whom: each step is a provider, or several by their weights. Default: every
   * provider that lists it, in the order of `providers`, then every one that answers unlisted names.
   */
  steps: z
    .record(
      name,
      z
        .array(
          z.union([label, z.record(label, count)], { error: 'a provider, or weights such as { openai: 3, azure: 1 }' }),
        )
        .min(1),
    )
    .default({}),
  /**
   * When nothing of an answer has come for so long, the next step is asked too, and whoever is first answers; both are
   * paid. Absent: never.
   */
  hedgeAfter: duration.optional(),
  /** Tokens of models that a caller may use, beside what providers admit; absent: no bound of its own. */
  tokens: perKey(rate).prefault({}),
  /** US dollars that a caller may spend in a calendar month (UTC); absent: no bound. */
  budgets: perKey(dollars).prefault({}),
  /**
   * Keeps answers of chats, for whoever asks the same once more: each tenant for itself, complete answers only. Absent:
   * none is kept, since questions hold what users wrote.
   */
  cache: z
    .strictObject({
      lifetime: duration,
      /** Also answers that a model would give differently each time (a `temperature` other than 0, or none). */
      sampled: z.boolean().default(false),
    })
    .optional(),
  /** `POST /v1/batch`. */
  batch: z
    .strictObject({
      /** Questions of one batch that are asked at once. */
      concurrency: count.default(5),
    })
    .prefault({}),
  /** Embeddings that are asked for at nearly the same time are asked of the provider in one request. */
  embeddings: z
    .strictObject({
      /** How long the first of them waits for others; 0ms: each is asked by itself. */
      window: duration.default('5ms'),
      /** Inputs at which it waits no longer. */
      size: count.default(256),
    })
    .prefault({}),
  /** Requests that wait until a limit of a model has room; a longer wait is refused at once. */
  queue: z
    .strictObject({
      /** Of one worker and model. */
      length: count.default(100),
      /** The longest of all waits; the route's own time may end it earlier. */
      maxWait: duration.default('60s'),
    })
    .prefault({}),
});

/** Models that an environment may tell apart: each has series of its own. */
export const MAX_MODELS = 50;

/** Everything about models. */
export type AiSettings = z.output<typeof aiSchema>;

/** One provider. */
export type ProviderSettings = z.output<typeof provider>;

/** What one model of a provider admits, knows and costs. */
export type ModelSettings = z.output<typeof model>;

/** The Secret of an environment that holds the keys of providers, by the names of their variables. */
export const PROVIDER_KEYS = 'model-providers';

/** The variables that hold the keys of a definition's providers, each once. */
export function providerKeysOf({ providers }: Pick<AiSettings, 'providers'>): readonly string[] {
  return [...new Set(Object.values(providers).flatMap(({ key }) => key ?? []))].sort();
}

/** Names of the models that a definition lists, each once; metrics call every other `other`. */
export function listedModels({ providers }: Pick<AiSettings, 'providers'>): readonly string[] {
  return [...new Set(Object.values(providers).flatMap(({ models }) => Object.keys(models)))];
}
