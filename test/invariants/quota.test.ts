import { describe, expect, test } from '@jest/globals';
import { BY_HAND, demands, sum } from '../../infra/demand/index.ts';
import { checkService } from '../../infra/invariants/index.ts';
import { quotaComparisons } from '../../infra/invariants/rules/quota.ts';
import { podsThatOverlap } from '../../infra/pods.ts';
import { definition, ENVIRONMENTS, withValues } from '../../service/definition/index.ts';
import { settingsOf } from './case.ts';

const ROWS = ENVIRONMENTS.flatMap((name) =>
  quotaComparisons(definition[name]).map(({ path, left, right }) => ({ name, path, left, right })),
);

/** The unit of a field of the quota, as it is written. */
function unitOf(path: string): string {
  if (path.includes('cpu')) return 'm';
  return /pods|volumes/.test(path) ? '' : 'Mi';
}

describe.each(ROWS)('in $name $path', ({ name, path, left, right }) => {
  const set = (value: number) => withValues(definition[name], [`${path}=${value}${unitOf(path)}`]);

  test('grants more than is asked for', () => {
    expect(left.value).toBeLessThanOrEqual(right.value);
  });

  test('may be as small as what is asked for, and no smaller', () => {
    expect(checkService(set(left.value))).toEqual([]);
    expect(checkService(set(left.value - 1))).toEqual([
      expect.objectContaining({
        rule: 'availability',
        path,
        problem: `${left.text} > ${left.value - 1}${unitOf(path)} ${path}`,
      }),
    ]);
  });

  test('is mended by every change that is proposed', () => {
    const small = set(left.value - 1);
    const proposals = settingsOf(checkService(small));

    expect(proposals[0]).toEqual([`${path}=${left.value}${unitOf(path)}`]);
    for (const settings of proposals) expect(checkService(withValues(small, settings))).toEqual([]);
  });
});

test('a quota may be met with fewer pods, as far as the minimum goes', () => {
  const service = withValues(definition.prod, ['scaling.max=8', 'quota.pods=200', 'quota.cpu.limits=500000m']);
  const pods = sum([...demands(service), BY_HAND].map((row) => row.pods.atOnce));

  const [finding] = checkService(withValues(service, [`quota.pods=${pods - 3}`])).filter(
    ({ path }) => path === 'quota.pods',
  );

  expect(finding?.problem).toContain(`= ${podsThatOverlap(service)} pods`);
  expect(JSON.stringify(finding?.fixes)).toContain(`quota.pods=${pods}`);
  expect(JSON.stringify(finding?.fixes)).toContain('scaling.max=6');
});
