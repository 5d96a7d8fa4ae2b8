import { expect, test } from '@jest/globals';
import { isInWindow } from '../../../../chaos/drill/cluster/preflight/schedule.ts';
import { definition } from '../../../../service/definition/index.ts';

const drills = (schedule: string, timeZone = 'Etc/UTC') => ({
  ...definition.staging.drills,
  schedule,
  timeZone,
  window: '2h' as const,
});

test.each<[schedule: string, at: string, timeZone: string, expected: boolean]>([
  ['0 10 1 * *', '2026-03-01T10:00:00Z', 'Etc/UTC', true],
  ['0 10 1 * *', '2026-03-01T12:00:00Z', 'Etc/UTC', true],
  ['0 10 1 * *', '2026-03-01T12:00:30Z', 'Etc/UTC', false],
  ['0 10 1 * *', '2026-03-01T09:59:59Z', 'Etc/UTC', false],
  ['0 10 1 * *', '2026-03-02T10:30:00Z', 'Etc/UTC', false],
  ['0 10 1 * *', '2026-03-01T09:30:00Z', 'Europe/Berlin', true],
  ['0 10 1 7 *', '2026-07-01T08:30:00Z', 'Europe/Berlin', true],
  ['30 23 * * *', '2026-03-02T00:15:00Z', 'Etc/UTC', true],
  ['0 6-8 * * MON-FRI', '2026-03-02T09:59:00Z', 'Etc/UTC', true],
  ['0 6-8 * * 1-5', '2026-03-01T09:00:00Z', 'Etc/UTC', false],
  ['0 10 * * 7', '2026-03-01T11:00:00Z', 'Etc/UTC', true],
  ['0 10 * * 0', '2026-03-01T11:00:00Z', 'Etc/UTC', true],
  ['0 */6 * * *', '2026-03-01T13:00:00Z', 'Etc/UTC', true],
  ['0 */6 * * *', '2026-03-01T15:00:00Z', 'Etc/UTC', false],
  ['0 10 13 * FRI', '2026-03-06T10:10:00Z', 'Etc/UTC', true],
  ['0 10 1 JAN,MAR *', '2026-03-01T10:10:00Z', 'Etc/UTC', true],
])('%s at %s in %s: %s', (schedule, at, timeZone, expected) => {
  expect(isInWindow(drills(schedule, timeZone), Date.parse(at))).toBe(expected);
});
