import { definition, withValues, type AiSettings } from '../../service/definition/index.ts';
import { createOffers, type Offer, type Offers } from '../../service/ai/offers.ts';

const FREE = { inputPrice: 0, outputPrice: 0 };

/** A model with these limits, and what a test says beside. */
export function model(requests: number, tokens: number, more: object = {}) {
  return { requests: `${requests}/min`, tokens: `${tokens}/min`, context: 100_000, ...FREE, ...more } as const;
}

/** Settings of models, as far as a test says something of them. */
export type SomeAiSettings = Readonly<Record<string, unknown>> & {
  readonly providers?: Readonly<Record<string, object>>;
};

/** Settings of models for a test, complete with defaults. */
export function aiSettings({ providers: rows = {}, ...ai }: SomeAiSettings): AiSettings {
  const { ai: given } = withValues(definition.prod, []);
  const times = { firstToken: '20s', betweenTokens: '20s' };
  const providers = Object.entries(rows).map(([id, row]) => [id, { ...times, ...row }]);
  return { ...given, ...ai, providers: Object.fromEntries(providers) as AiSettings['providers'] };
}

/** What providers offer that are all there. */
export function offersOf(ai: AiSettings, isReady: (provider: string) => boolean = () => true): Offers {
  return createOffers({ ai, isReady, lapseMs: 60_000 });
}

/** The first offer for a name. Throws where there is none. */
export function firstOffer(offers: Offers, name: string): Offer {
  const offer = offers.find(name)?.[0]?.[0]?.offer;
  if (!offer) throw new Error(`nobody answers for ${name}`);
  return offer;
}
