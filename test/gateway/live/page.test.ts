import { describe, expect, test } from '@jest/globals';
import { createStrokes } from '../../../service/gateway/live/page/colours.js';
import { placeAfter, placeOf } from '../../../service/gateway/live/page/cursor.js';
import { chooseLines, createHistory, headline } from '../../../service/gateway/live/page/series.js';
import { inUnit, span } from '../../../service/gateway/live/page/units.js';
import { liveGateway, START } from './live-gateway.ts';

describe('a number with its unit', () => {
  test.each<[value: number, unit: string, text: string]>([
    [0.0123, 's', '12.3 ms'],
    [0.0000421, 's', '42.1 µs'],
    [1.5, 's', '1.5 s'],
    [200, 's', '3 min 20 s'],
    [0.001, 'percentunit', '0.1 %'],
    [1, 'percentunit', '100 %'],
    [123_456_789, 'bytes', '118 MiB'],
    [0, 'bytes', '0 B'],
    [12.345, 'reqps', '12.3/s'],
    [123_456, 'ops', '123 k/s'],
    [0.0000021, 'currencyUSD', '$2.1e-6'],
    [17, 'short', '17'],
    [3, 'unheard of', '3'],
  ])('%f in %s is %s', (value, unit, text) => {
    expect(inUnit(value, unit)).toBe(text);
  });

  test('a span of time has its two largest units', () => {
    expect([5, 65, 3_700, 90_000].map(span)).toEqual(['5 s', '1 min 5 s', '1 h 1 min', '1 d 1 h']);
  });
});

describe('the history of a page', () => {
  test('put together from many small answers is what one large answer says', () => {
    const { pass, live } = liveGateway();
    const history = createHistory(4);
    pass(1);
    history.add(live.read());
    for (let poll = 0; poll < 5; poll++) {
      pass(1);
      history.add(live.read(history.times.at(-1)));
    }
    expect(history.times).toEqual([2, 3, 4, 5].map((count) => START + count * 5));
    expect(history.linesOf('memory')).toEqual(live.read().points.memory?.map((line) => line.slice(-4)));
  });

  test('has a point once, however often it is told', () => {
    const { pass, live } = liveGateway();
    const history = createHistory(180);
    pass(2);
    history.add(live.read());
    pass(1);
    for (const since of [START, START + 5, START + 10]) history.add(live.read(since));
    expect(history.times).toEqual([START, START + 5, START + 10]);
    expect(history.linesOf('memory')).toEqual(live.read().points.memory);
  });
});

describe('the lines of a panel', () => {
  test('are all drawn where they are few, and the highest where they are many', () => {
    expect(chooseLines([[0], [1], [null]], 3)).toEqual({ shown: [0, 1, 2], others: 0 });
    expect(chooseLines([[0], [5, 1], [0, 9], [2], [null]], 3)).toEqual({ shown: [1, 2], others: 2 });
    expect(chooseLines([[null], [0], [0], [0]], 3)).toEqual({ shown: [1], others: 2 });
  });

  test('have colours that differ, by what they stand for; two of one colour differ by their dashes', () => {
    const strokeOf = createStrokes([{ meaning: 'bad' }, {}, {}, { meaning: 'bad' }, { meaning: 'first' }]);
    expect([2, 0, 1, 3, 4, 2].map(strokeOf)).toEqual([
      { colour: 'second', dash: 0 },
      { colour: 'bad', dash: 0 },
      { colour: 'third', dash: 0 },
      { colour: 'bad', dash: 1 },
      { colour: 'first', dash: 0 },
      { colour: 'second', dash: 0 },
    ]);
  });

  test('have one number together: their total where they add up, else the first that there is', () => {
    expect(headline([[1], [2], [null]], ['a', 'b', 'c'], 'reqps', 0)).toEqual({ name: 'total', value: 3 });
    expect(headline([[null], [2]], ['a', 'b'], 's', 0)).toEqual({ name: 'b', value: 2 });
    expect(headline([[null], [null]], ['a', 'b'], 'ops', 0)).toEqual({ name: 'total', value: null });
  });
});

describe('the cursor', () => {
  test('is at the nearest point, and at the newest when nobody points', () => {
    expect(placeOf([10, 15, 20], 16)).toBe(1);
    expect(placeOf([10, 15, 20], undefined)).toBe(2);
  });

  test('moves by keys and never beyond the ends', () => {
    expect(['ArrowLeft', 'ArrowRight', 'Home', 'End'].map((key) => placeAfter(key, 1, 4))).toEqual([0, 2, 0, 3]);
    expect(placeAfter('ArrowLeft', 0, 4)).toBe(0);
    expect(placeAfter('ArrowRight', 3, 4)).toBe(3);
    expect(placeAfter('Tab', 1, 4)).toBeUndefined();
  });
});
