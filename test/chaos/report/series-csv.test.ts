import { expect, test } from '@jest/globals';
import { seriesCsv } from '../../../chaos/report/series-csv.ts';
import { neverInjectedRun, passedRun } from './runs.ts';

const lines = (csv: string): readonly string[] => csv.split('\r\n');

test('the raw series have every point, by its time and by that since the fault, and nothing in a gap', () => {
  const run = passedRun();
  const { startedAt } = run;
  const points = [
    [startedAt, 0.25],
    [startedAt + 30_500, null],
  ] as const;
  expect(lines(seriesCsv({ ...run, series: [{ id: 'p99', title: 'P99', unit: 'seconds', points }] }))).toEqual([
    'time,seconds_from_fault,series,unit,value',
    '2026-01-02T03:04:05.000Z,-30.000,p99,seconds,0.25',
    '2026-01-02T03:04:35.500Z,0.500,p99,seconds,',
    '',
  ]);
  const points10000 = Array.from({ length: 10_000 }, (_, index) => [startedAt + index, index] as const);
  const long = [{ id: 'a', title: 'a', unit: 'count' as const, points: points10000 }];
  expect(lines(seriesCsv({ ...run, series: long }))).toHaveLength(10_002);
});

test('a name with commas, quotes or lines is one cell, and none is a formula', () => {
  const named = (id: string): string => {
    const points = [[0, 1]] as const;
    const csv = seriesCsv({ ...passedRun(), series: [{ id, title: '', unit: 'count', points }] });
    return csv
      .slice(csv.indexOf('Z,') + 2)
      .replace(/^[^,]*,/, '')
      .replace(/,count,1\r\n$/, '');
  };
  expect(named('a,"b"\nc')).toBe('"a,""b""\nc"');
  expect(named('=1+1')).toBe("'=1+1");
});

test('of a run without a fault time counts from the start', () => {
  const run = neverInjectedRun();
  const series = [{ id: 'a', title: 'a', unit: 'count' as const, points: [[run.startedAt + 1000, 1]] as const }];
  expect(lines(seriesCsv({ ...run, series }))[1]).toBe('2026-01-02T03:04:06.000Z,1.000,a,count,1');
});
