import {
  parseRate,
  toMilliseconds,
  type AiSettings,
  type ModelSettings,
  type ProviderSettings,
} from '../definition/index.ts';
import { sumPolicy, windowPolicy, type LimitPolicy } from '../limit/index.ts';
import { BoundedMap } from '../store/bounded-map.ts';
import { OTHER_MODEL } from '../telemetry/catalogue.ts';

/** What one provider offers for a name that a client asks for. */
export type Offer = {
  /** Name of the provider in the definition. */
  readonly provider: string;
  /** The name that clients know; after aliases. */
  readonly model: string;
  /** What the provider calls it. */
  readonly providerModel: string;
  /** Whether the definition lists it; of others there is no end. */
  readonly isListed: boolean;
  readonly settings: Omit<ModelSettings, 'as'>;
  /** Milliseconds from asking until a stream must have begun. */
  readonly firstTokenMs: number;
  /** The longest pause of a stream in milliseconds. */
  readonly betweenTokensMs: number;
  /** What the provider admits, of requests and then of tokens, to all who use the same key. */
  readonly limits: readonly [requests: LimitPolicy, tokens: LimitPolicy];
};

/** Who is asked first, or in its place by weights; then whoever comes next. */
export type Step = readonly { readonly offer: Offer; readonly weight: number }[];

/** Finds who answers for a model. */
export type Offers = {
  /** The steps for a name, the first one first; undefined where nobody answers for it. */
  find(name: string): readonly Step[] | undefined;
  /** Names that are listed and have somebody who answers, aliases too. */
  readonly names: readonly string[];
};

/** What the offers follow from. */
export type OffersOptions = {
  readonly ai: AiSettings;
  /** Whether a provider can be asked: its key is there, or it takes none. */
  readonly isReady: (provider: string) => boolean;
  /** After which what was reserved and never settled is taken as not used, in milliseconds. */
  readonly lapseMs: number;
};

/** Names that are not listed and were asked for lately; those of the others are put together anew. */
const REMEMBERED = 1_000;
/** Windows of requests up to this count are exact. */
const LOG_UP_TO = 1_000;

/** What the definition's providers offer. */
export function createOffers({ ai, isReady, lapseMs }: OffersOptions): Offers {
  const ready = Object.entries(ai.providers).filter(([id]) => isReady(id));
  const unlisted = new BoundedMap<readonly Step[]>(REMEMBERED);
  const offerOf = (id: string, provider: ProviderSettings, model: string): Offer | undefined => {
    const { models, unlisted: others, firstToken, betweenTokens } = provider;
    const listed = Object.hasOwn(models, model) ? models[model] : undefined;
    const settings = listed ?? others;
    return (
      settings && {
        provider: id,
        model,
        providerModel: listed?.as ?? model,
        isListed: listed !== undefined,
        settings,
        firstTokenMs: toMilliseconds(firstToken),
        betweenTokensMs: toMilliseconds(betweenTokens),
        limits: limitsOf({ id, model, isListed: listed !== undefined }, settings, lapseMs),
      }
    );
  };
  const stepsOf = (model: string): readonly Step[] | undefined => {
    const all = ready.flatMap(([id, provider]) => offerOf(id, provider, model) ?? []);
    const declared = Object.hasOwn(ai.steps, model) ? ai.steps[model] : undefined;
    const inOrder = [...all].sort((a, b) => Number(b.isListed) - Number(a.isListed));
    const steps = declared
      ? declared.map((step) => weighted(step).flatMap(([id, weight]) => offersBy(all, id, weight)))
      : inOrder.map((offer) => [{ offer, weight: 1 }]);
    const possible = steps.filter(({ length }) => length > 0);
    return possible.length > 0 ? possible : undefined;
  };
  const names = [...new Set(ready.flatMap(([, { models }]) => Object.keys(models)))];
  const known = new Map(names.map((name) => [name, stepsOf(name)]));
  return {
    names: [
      ...names,
      ...Object.keys(ai.aliases).filter((alias) => stepsOf(ai.aliases[alias] ?? '') !== undefined),
    ].sort(),
    find(asked) {
      const name = (Object.hasOwn(ai.aliases, asked) ? ai.aliases[asked] : undefined) ?? asked;
      const steps = known.get(name) ?? unlisted.get(name) ?? stepsOf(name);
      if (steps && !known.has(name)) unlisted.set(name, steps, 1);
      return steps;
    },
  };
}

function limitsOf(
  { id, model, isListed }: { readonly id: string; readonly model: string; readonly isListed: boolean },
  { requests, tokens }: Offer['settings'],
  lapseMs: number,
): Offer['limits'] {
  const asked = parseRate(requests);
  const used = parseRate(tokens);
  const holder = `${id}/${model}`;
  // Models that are not listed have the same limits, each its own.
  const of = `${id}/${isListed ? model : OTHER_MODEL}`;
  return [
    windowPolicy(`requests:${of}`, asked.limit, toMilliseconds(asked.window), { holder, logUpTo: LOG_UP_TO }),
    sumPolicy(`tokens:${of}`, used.limit, toMilliseconds(used.window), { holder, lapseMs }),
  ];
}

function weighted(step: string | Readonly<Record<string, number>>): readonly (readonly [id: string, weight: number])[] {
  return typeof step === 'string' ? [[step, 1]] : Object.entries(step);
}

function offersBy(all: readonly Offer[], id: string, weight: number): Step {
  return all.filter(({ provider }) => provider === id).map((offer) => ({ offer, weight }));
}
