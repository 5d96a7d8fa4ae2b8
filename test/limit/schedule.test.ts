import { describe, expect, test } from '@jest/globals';
import { tunableLimit } from '../../service/limit/current-limit.ts';
import { scheduledLimit } from '../../service/limit/schedule.ts';

const office = { from: '09:00', to: '17:00', window: '10/h' } as const;
const night = { from: '22:30', to: '05:00', window: '50/h' } as const;

/** The count at each of some moments, asked in order of one limit. */
function countsAt(moments: readonly string[], timeZone: string, schedule = [office, night] as const): number[] {
  let now = 0;
  const limit = scheduledLimit({ otherwise: 30, schedule: [...schedule], timeZone, now: () => now });
  return moments.map((moment) => {
    now = Date.parse(moment);
    return limit.value;
  });
}

describe('a limit that follows the time of day', () => {
  test('has a row’s count from its first moment to before its end, and its own at other times', () => {
    expect(
      countsAt(
        ['2026-03-02T08:59:59.999Z', '2026-03-02T09:00:00Z', '2026-03-02T16:59:59.999Z', '2026-03-02T17:00:00Z'],
        'UTC',
      ),
    ).toEqual([30, 10, 10, 30]);
  });

  test('follows a row past midnight', () => {
    expect(
      countsAt(
        [
          '2026-03-02T22:29:59Z',
          '2026-03-02T22:30:00Z',
          '2026-03-03T00:00:00Z',
          '2026-03-03T04:59:59Z',
          '2026-03-03T05:00:00Z',
        ],
        'UTC',
      ),
    ).toEqual([30, 50, 50, 50, 30]);
  });

  test('follows the local clock through both changes of daylight saving', () => {
    // Berlin is one hour ahead until 29 March 2026, two hours until 25 October.
    expect(
      countsAt(
        ['2026-03-28T07:59:59Z', '2026-03-28T08:00:00Z', '2026-03-29T06:59:59Z', '2026-03-29T07:00:00Z'],
        'Europe/Berlin',
      ),
    ).toEqual([30, 10, 30, 10]);
    expect(
      countsAt(
        ['2026-10-24T06:59:59Z', '2026-10-24T07:00:00Z', '2026-10-25T07:59:59Z', '2026-10-25T08:00:00Z'],
        'Europe/Berlin',
      ),
    ).toEqual([30, 10, 30, 10]);
  });

  test('begins a row that the change skips with the first moment after it', () => {
    const skipped = [{ from: '02:30', to: '04:00', window: '7/h' }] as const;
    let now = Date.parse('2026-03-29T00:59:59Z');
    const limit = scheduledLimit({ otherwise: 30, schedule: [...skipped], timeZone: 'Europe/Berlin', now: () => now });
    expect(limit.value).toBe(30);
    now = Date.parse('2026-03-29T01:00:00Z');
    expect(limit.value).toBe(7);
  });

  test('knows zones that differ from UTC by parts of an hour', () => {
    expect(countsAt(['2026-03-02T03:29:00Z', '2026-03-02T03:30:00Z'], 'Asia/Kolkata')).toEqual([30, 10]);
  });

  test('lasts the whole day where a row ends when it begins; the first row that holds the time counts', () => {
    const all = { from: '12:00', to: '12:00', window: '5/h' } as const;
    let now = 0;
    const limit = scheduledLimit({ otherwise: 30, schedule: [office, all], timeZone: 'UTC', now: () => now });
    const counts = ['2026-03-02T00:00:00Z', '2026-03-02T12:00:00Z', '2026-03-02T20:00:00Z'].map((moment) => {
      now = Date.parse(moment);
      return limit.value;
    });
    expect(counts).toEqual([5, 10, 5]);
  });

  test('is the same as one that is asked for the first time, at every quarter of an hour of a year', () => {
    let now = Date.parse('2026-01-01T00:00:00Z');
    const options = { otherwise: 30, schedule: [office, night], timeZone: 'America/New_York', now: () => now };
    const asked = scheduledLimit(options);
    let changes = 0;
    let last = asked.value;
    for (let quarter = 0; quarter < 365 * 96; quarter += 7) {
      now += 7 * 900_000;
      if (asked.value !== last) changes++;
      last = asked.value;
      if (quarter % 70 === 0) expect(asked.value).toBe(scheduledLimit(options).value);
    }
    expect(changes).toBeGreaterThan(1_000);
  });
});

describe('a limit that may be moved', () => {
  test('stays inside its bounds, in whole numbers, and goes back to what is declared', () => {
    const declared = { value: 30 };
    const limit = tunableLimit({ declared, min: 10, max: 50 });
    expect(limit.value).toBe(30);
    for (const [to, value] of [
      [40.4, 40],
      [1, 10],
      [1_000, 50],
    ] as const) {
      limit.move(to);
      expect(limit.value).toBe(value);
    }
    declared.value = 20;
    limit.move(undefined);
    expect(limit.value).toBe(20);
    expect(limit.declared).toBe(20);
  });
});
