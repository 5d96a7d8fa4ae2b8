import { describe, expect, test } from '@jest/globals';
import { sorted, sortedJson, sortedYaml } from '../../../infra/charts/objects/sorted.ts';

describe('sorted output', () => {
  test('has keys in code unit order at every depth, whatever a language thinks of them', () => {
    const keys = Object.keys(sorted({ ä: 1, a: 1, B: 1, İ: 1, b: 1 }) as object);

    expect(keys).toEqual(['B', 'a', 'b', 'ä', 'İ']);
    expect(sortedJson([{ b: { d: 1, c: 2 }, a: 3 }])).toBe(
      JSON.stringify([{ a: 3, b: { c: 2, d: 1 } }], null, 2) + '\n',
    );
  });

  test('keeps the order of lists', () => {
    expect(sorted(['b', 'a'])).toEqual(['b', 'a']);
  });

  test('leaves out what is undefined', () => {
    expect(sortedYaml({ a: undefined, b: 1 })).toBe('b: 1\n');
  });

  test('quotes words that readers of YAML 1.1 take for booleans', () => {
    expect(sortedYaml({ answer: 'on', other: 'yes' })).toBe('answer: "on"\nother: "yes"\n');
  });

  test('breaks no long line and repeats what is used twice', () => {
    const shared = { text: 'word '.repeat(60) };

    expect(sortedYaml({ a: shared, b: shared }).split('\n')).toHaveLength(5);
    expect(sortedYaml({ a: shared, b: shared })).not.toContain('&');
  });
});
