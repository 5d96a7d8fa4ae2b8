import { toPerSecond, type Service } from '../../../../service/definition/index.ts';
import type { Comparison } from '../../comparison.ts';
import { perMinute } from '../../time.ts';

type Tokens = Service['ai']['tokens'];

/** The tokens of each kind of caller against what the widest model admits of everybody: beyond, no caller is bounded. */
export function modelLimits({ ai }: Service): Comparison[] {
  const models = Object.entries(ai.providers).flatMap(([id, { models, unlisted }]) => [
    ...Object.entries(models).map(([name, { tokens }]) => ({ name: `${id}.models.${name}`, tokens })),
    ...(unlisted ? [{ name: `${id}.unlisted`, tokens: unlisted.tokens }] : []),
  ]);
  const [widest] = models.toSorted((a, b) => toPerSecond(b.tokens) - toPerSecond(a.tokens));
  if (!widest) return [];
  return callersOf(ai.tokens).map(([path, tokens]) => ({
    path,
    left: { value: toPerSecond(tokens), text: `${tokens} ${path}` },
    required: '<',
    right: {
      value: toPerSecond(widest.tokens),
      text: `${widest.tokens} ai.providers.${widest.name}.tokens, the widest of all models`,
    },
    unit: 'tokens/s',
    fixes: [[`${path}=${perMinute(toPerSecond(widest.tokens) / 2)}`]],
  }));
}

function callersOf({ address, key, tiers }: Tokens): (readonly [path: string, tokens: NonNullable<Tokens['key']>])[] {
  return [
    ...(address === undefined ? [] : [['ai.tokens.address', address] as const]),
    ...(key === undefined ? [] : [['ai.tokens.key', key] as const]),
    ...Object.entries(tiers).map(([tier, tokens]) => [`ai.tokens.tiers.${tier}`, tokens] as const),
  ];
}
