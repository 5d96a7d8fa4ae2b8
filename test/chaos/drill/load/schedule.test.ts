import { expect, test } from '@jest/globals';
import { createSchedule } from '../../../../chaos/drill/load/schedule.ts';

test('each kind comes exactly at its rate', () => {
  const due = createSchedule({ 'search-hit': '10/s', order: '30/min' }, 1).take(60_000);
  const counts = Map.groupBy(due, ({ ask }) => ask);
  expect(counts.get('search-hit')?.length).toBeGreaterThanOrEqual(599);
  expect(counts.get('search-hit')?.length).toBeLessThanOrEqual(601);
  expect(counts.get('order')?.length).toBeGreaterThanOrEqual(29);
  expect(counts.get('order')?.length).toBeLessThanOrEqual(31);
});

test('the same seed has the same moments, and another one others', () => {
  const moments = (seed: number): readonly number[] =>
    createSchedule({ 'search-hit': '10/s' }, seed)
      .take(5_000)
      .map(({ due }) => due);
  expect(moments(4)).toEqual(moments(4));
  expect(moments(4)).not.toEqual(moments(5));
});

test('one more kind does not move the moments of another', () => {
  const hits = (load: Parameters<typeof createSchedule>[0]): readonly number[] =>
    createSchedule(load, 4)
      .take(5_000)
      .flatMap(({ ask, due }) => (ask === 'search-hit' ? due : []));
  expect(hits({ 'search-hit': '10/s', session: '3/s' })).toEqual(hits({ 'search-hit': '10/s' }));
});

test('what everybody asks for comes all at once, every second', () => {
  const due = createSchedule({ 'search-same': '20/s' }, 1).take(2_500);
  expect([...Map.groupBy(due, (arrival) => arrival.due)].map(([at, all]) => [at, all.length])).toEqual([
    [0, 20],
    [1_000, 20],
    [2_000, 20],
  ]);
});

test('nothing is ever due where nothing is asked', () => {
  const schedule = createSchedule({}, 1);
  expect(schedule.nextDue()).toBe(Infinity);
  expect(schedule.take(1e9)).toEqual([]);
});
