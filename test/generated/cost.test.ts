import { expect, test } from '@jest/globals';
import { costRows } from '../../infra/generated/cost.ts';
import { definition, withValues } from '../../service/definition/index.ts';

/** The number at the start of each cell of a row, by the row's name. */
function figures(...values: string[]): ReadonlyMap<string, number> {
  const service = withValues(definition.prod, values);
  return new Map(costRows([service]).map(([name = '', cell = '']) => [name, Number.parseFloat(cell)]));
}

test.each([
  { what: 'pods at the minimum of the autoscaler', change: 'scaling.min=4', more: 2 },
  { what: 'processor requested at the minimum of the autoscaler', change: 'scaling.min=4', more: 1 },
  { what: 'memory at the minimum of the autoscaler', change: 'scaling.min=4', more: 2 },
  { what: 'pods at its maximum', change: 'scaling.max=8', more: 2 },
  { what: 'processor at most, at the maximum', change: 'scaling.max=8', more: 6 },
  { what: 'memory at its maximum', change: 'gateway.memory.limit=2Gi', more: 6 },
  {
    what: 'pods when a release is withdrawn at the maximum and every job runs',
    change: 'release.restoreSurge=5',
    more: 2,
  },
  { what: 'quota: memory', change: 'quota.memory.requests=40Gi', more: 8 },
])('$change costs $more of $what more', ({ what, change, more }) => {
  const [before, after] = [figures().get(what), figures(change).get(what)];

  expect(Number(after) - Number(before)).toBeCloseTo(more, 1);
});

test('volumes are counted, and their size', () => {
  const cell = (...values: string[]) =>
    costRows([withValues(definition.dev, values)]).find(([name]) => name === 'volumes')?.[1];

  expect(cell('datastores.postgres.storage=5Gi')).toBe(
    cell()?.replace(/[\d.]+ GiB/, (size) => `${(Number.parseFloat(size) + 4).toFixed(1)} GiB`),
  );
});
