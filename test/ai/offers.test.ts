import { describe, expect, test } from '@jest/globals';
import type { Step } from '../../service/ai/offers.ts';
import { aiSettings, model, offersOf } from './ai-settings.ts';

const provider = (models: object, more: object = {}) => ({ models, firstToken: '1s', betweenTokens: '1s', ...more });
const providers = {
  a: provider({ small: model(10, 100), own: model(10, 100, { as: 'own-2026' }) }),
  b: provider({ small: model(20, 200) }),
  open: provider({}, { unlisted: model(5, 50) }),
};

const told = (steps: readonly Step[] | undefined) =>
  steps?.map((step) => step.map(({ offer, weight }) => `${offer.provider}/${offer.providerModel} ${weight}`));

describe('who answers for a model', () => {
  test('is every provider that lists it, in their order, and then who answers for any', () => {
    const offers = offersOf(aiSettings({ providers }));
    expect(told(offers.find('small'))).toEqual([['a/small 1'], ['b/small 1'], ['open/small 1']]);
    expect(told(offers.find('own'))).toEqual([['a/own-2026 1'], ['open/own 1']]);
    expect(told(offers.find('unheard-of'))).toEqual([['open/unheard-of 1']]);
  });

  test('is nobody whose key is not there', () => {
    const offers = offersOf(aiSettings({ providers }), (id) => id === 'b');
    expect(told(offers.find('small'))).toEqual([['b/small 1']]);
    expect(offers.find('own')).toBeUndefined();
    expect(offers.find('unheard-of')).toBeUndefined();
    expect(offers.names).toEqual(['small']);
  });

  test('is who the steps say, by their weights', () => {
    const offers = offersOf(aiSettings({ providers, steps: { small: [{ a: 3, b: 1 }, 'open'] } }));
    expect(told(offers.find('small'))).toEqual([['a/small 3', 'b/small 1'], ['open/small 1']]);
    expect(told(offersOf(aiSettings({ providers, steps: { small: ['b'] } })).find('small'))).toEqual([['b/small 1']]);
  });

  test('is found by another name too', () => {
    const offers = offersOf(aiSettings({ providers, aliases: { 'small-latest': 'small' } }));
    expect(told(offers.find('small-latest'))).toEqual(told(offers.find('small')));
    expect(offers.names).toEqual(['own', 'small', 'small-latest']);
  });

  test.each(['__proto__', 'constructor', 'toString'])('is not found among what every object has: %s', (name) => {
    const { open: _, ...listed } = providers;
    expect(offersOf(aiSettings({ providers: listed })).find(name)).toBeUndefined();
  });
});

test('limits are those of a provider and a model; those of unlisted ones share their names, and nothing else', () => {
  const offers = offersOf(aiSettings({ providers }));
  const limits = (name: string) =>
    offers
      .find(name)
      ?.flatMap((step) =>
        step.map(({ offer }) => offer.limits.map((limit) => [limit.name, limit.holder, limit.count.value])),
      );
  expect(limits('small')).toEqual([
    [
      ['requests:a/small', 'a/small', 10],
      ['tokens:a/small', 'a/small', 100],
    ],
    [
      ['requests:b/small', 'b/small', 20],
      ['tokens:b/small', 'b/small', 200],
    ],
    [
      ['requests:open/other', 'open/small', 5],
      ['tokens:open/other', 'open/small', 50],
    ],
  ]);
  expect(limits('x')?.[0]?.[0]).toEqual(['requests:open/other', 'open/x', 5]);
});
