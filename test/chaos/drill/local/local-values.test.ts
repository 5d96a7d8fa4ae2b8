import { describe, expect, test } from '@jest/globals';
import { localValues } from '../../../../chaos/drill/local/local-values.ts';
import { FULL, QUICK } from '../../../../chaos/drill/pace.ts';
import { EXPERIMENTS } from '../../../../chaos/index.ts';
import { definition, toPerSecond, withValues } from '../../../../service/definition/index.ts';
import { experimentWith } from './drill.ts';

const plain = experimentWith(undefined);

describe('the values of a local drill', () => {
  test.each(EXPERIMENTS.map((experiment) => [experiment.id, experiment] as const))(
    'make a definition that holds for %s, with and without what it rehearses',
    (_, experiment) => {
      for (const pace of [FULL, QUICK])
        for (const unprotected of [false, true])
          expect(() => withValues(definition.dev, localValues(experiment, pace, { unprotected }))).not.toThrow();
    },
  );

  test('limit nobody', () => {
    const { limits, routes } = withValues(definition.dev, localValues(plain, QUICK));
    const all = [
      limits.address,
      limits.key,
      limits.global,
      ...Object.values(limits.tiers).map(({ limit }) => limit),
      ...Object.values(routes).flatMap(({ limit }) => limit ?? []),
    ];
    for (const limit of all) expect(toPerSecond(limit?.window ?? '1/h')).toBeGreaterThan(10_000);
  });

  test('judge each second at quick pace, and as production does at full pace', () => {
    const judged = (pace: typeof FULL) => {
      const { scrapeInterval, evaluationInterval, notifications } = withValues(
        definition.dev,
        localValues(plain, pace),
      ).monitoring;
      return { scrapeInterval, evaluationInterval, groupWait: notifications.page.groupWait };
    };
    expect(judged(QUICK)).toEqual({ scrapeInterval: '1s', evaluationInterval: '1s', groupWait: '0s' });
    expect(judged(FULL)).toEqual({ scrapeInterval: '5s', evaluationInterval: '5s', groupWait: '10s' });
  });

  test('let an experiment say what it needs, and its lack of protection the last word', () => {
    const experiment = experimentWith(undefined, {
      localValues: ['cache.lifetime=7s', 'cache.stale=8s'],
      protection: { name: 'the cache', without: ['cache.stale=0s'], breaks: [] },
    });
    const cacheOf = (unprotected: boolean) =>
      withValues(definition.dev, localValues(experiment, QUICK, { unprotected })).cache;
    expect(cacheOf(false)).toMatchObject({ lifetime: '7s', stale: '8s' });
    expect(cacheOf(true)).toMatchObject({ lifetime: '7s', stale: '0s' });
  });
});
