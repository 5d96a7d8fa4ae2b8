import { expect, test } from '@jest/globals';
import { definition, withValues } from '../../../service/definition/index.ts';
import { createAdaptiveLimits } from '../../../service/gateway/processes/adaptive-limits.ts';
import { createPolicySets, limitNames } from '../../../service/limit/index.ts';
import { Cells, layOutCells } from '../../../service/telemetry/cells.ts';
import { createLog } from '../../../service/telemetry/log.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;

/** Eight days of a demand that rises and falls with the day, a minute at a time; the counts that the limit had. */
function live(shadow: boolean): { counts: Set<number>; lines: string[] } {
  const service = withValues(definition.dev, [`limits.address.adaptive.shadow=${shadow}`]);
  const sets = createPolicySets({ limits: service.limits });
  const cells = new Cells(layOutCells({ routes: [], lanes: [], limits: limitNames(service), breakers: [] }));
  const lines: string[] = [];
  const log = createLog({ level: 'info', base: {}, destination: { write: (line) => lines.push(line) } });
  let time = Date.UTC(2026, 0, 1);
  const tick = createAdaptiveLimits({ sets, cells, log, now: () => time });
  const set = sets.find({ kind: 'address' }, { id: 'search' });
  const [tuned] = set.tuned;
  const counts = new Set<number>();
  for (let minute = 0; minute < 8 * DAY_MINUTES; minute++) {
    time += MINUTE_MS;
    const day = Math.sin((2 * Math.PI * minute) / DAY_MINUTES);
    if (tuned) tuned.asked += Math.round(1000 + 800 * day);
    tick();
    counts.add(set.policies[0]?.count.value ?? 0);
  }
  return { counts, lines };
}

test('an adaptive limit moves inside its bounds with the demand of the day, and says why', () => {
  const { counts, lines } = live(false);
  expect(Math.min(...counts)).toBeLessThan(80);
  expect(Math.max(...counts)).toBeGreaterThan(120);
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(50);
  expect(Math.max(...counts)).toBeLessThanOrEqual(200);
  expect(lines.some((line) => line.includes('more-demand-expected'))).toBe(true);
});

test('in shadow it stays as declared, and says what it would do', () => {
  const { counts, lines } = live(true);
  expect([...counts]).toEqual([100]);
  expect(lines.some((line) => line.includes('"proposed"'))).toBe(true);
});
