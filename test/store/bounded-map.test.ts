import { describe, expect, test } from '@jest/globals';
import { BoundedMap } from '../../service/store/bounded-map.ts';

describe('a bounded map', () => {
  test('never weighs more than its bound', () => {
    const map = new BoundedMap<number>(10);
    for (let key = 0; key < 100; key++) map.set(String(key), key, 3);
    expect(
      Array.from({ length: 100 }, (_, key) => map.get(String(key))).filter((value) => value !== undefined),
    ).toEqual([97, 98, 99]);
  });

  test('keeps what is in use, whatever else comes', () => {
    const map = new BoundedMap<string>(100);
    map.set('used', 'x', 1);
    for (let key = 0; key < 10_000; key++) {
      map.set(String(key), 'y', 1);
      if (key % 10 === 0) expect(map.get('used')).toBe('x');
    }
  });

  test('weighs a replaced value once, and a deleted one not at all', () => {
    const map = new BoundedMap<string>(10);
    for (let time = 0; time < 5; time++) map.set('a', 'x', 6);
    map.set('b', 'y', 4);
    expect([map.get('a'), map.get('b')]).toEqual(['x', 'y']);
    map.delete('a');
    map.delete('absent');
    map.set('c', 'z', 6);
    expect([map.get('b'), map.get('c')]).toEqual(['y', 'z']);
  });

  test('does not keep what is heavier than the bound, nor what it was to replace', () => {
    const map = new BoundedMap<string>(10);
    map.set('a', 'x', 5);
    map.set('a', 'y', 11);
    expect(map.get('a')).toBeUndefined();
  });

  test('says what it holds, and tells of what goes for want of room alone', () => {
    let evicted = 0;
    const map = new BoundedMap<string>(10, () => evicted++);
    map.set('a', 'x', 6);
    map.set('a', 'y', 4);
    map.set('b', 'z', 4);
    expect([map.size, map.weight, evicted]).toEqual([2, 8, 0]);
    map.set('c', 'w', 4);
    map.delete('b');
    expect([[...map.entries()], map.size, map.weight, evicted]).toEqual([[['c', 'w']], 1, 4, 1]);
  });
});
