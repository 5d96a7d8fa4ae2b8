import { expect, test } from '@jest/globals';
import { costRows } from '../../infra/generated/cost.ts';
import { definition, withValues } from '../../service/definition/index.ts';

/** The numbers of the row that begins with a word: of a moment pods, cores and GiB. */
function figures(word: string, ...values: string[]): readonly number[] {
  const row = costRows([withValues(definition.prod, ['gateway.memory.limit=1Gi', ...values])]).find(([name]) =>
    name?.startsWith(word),
  );
  return row?.[1]?.match(/[\d.]+/g)?.map(Number) ?? [];
}

test.each([
  { row: 'quiet', change: 'scaling.min=4', more: [2, 1, 2] },
  { row: 'busy', change: 'scaling.max=8', more: [2, 1, 2] },
  { row: 'busy', change: 'gateway.memory.limit=2Gi', more: [0, 0, 6] },
  { row: 'most', change: 'release.restoreSurge=5', more: [2, 1, 2] },
  { row: 'granted', change: 'quota.memory.requests=40Gi', more: [0, 0, 8] },
  { row: 'volumes', change: 'datastores.postgres.storage=14Gi', more: [0, 4] },
])('$change costs $more more ($row)', ({ row, change, more }) => {
  const before = figures(row);
  const after = figures(row, change);

  expect(after).toHaveLength(more.length);
  after.forEach((figure, place) => expect(figure - (before[place] ?? 0)).toBeCloseTo(more[place] ?? 0, 1));
});
