import { isIPv4, isIPv6 } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { addressGroup, parseAddress } from '../../service/gateway/address.ts';
import { seeded } from '../resilience/seeded.ts';

type Random = { below(bound: number): number };

function random(seed: number): Random {
  const next = seeded(seed);
  return { below: (bound) => Math.floor(next() * bound) };
}

describe('an address', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    [' 192.0.2.1\t', '192.0.2.1'],
    ['192.0.2.1:8080', '192.0.2.1'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%25]:80', 'fe80::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['[::FFFF:192.0.2.1]:80', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['::192.0.2.1', '::c000:201'],
    ['::', '::'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['1:0:0:2:3:0:0:4', '1::2:3:0:0:4'],
  ])('%j is %s', (written, address) => {
    expect(parseAddress(written)).toBe(address);
  });

  test.each([
    '',
    ' ',
    'unknown',
    '_hidden',
    'localhost',
    '192.0.2',
    '192.0.2.1.1',
    '192.0.2.256',
    '192.0.2.01',
    '0x7f.0.0.1',
    '2130706433',
    '192.0.2.1:',
    '192.0.2.1:http',
    '192.0.2.1:123456',
    '192.0.2.1 192.0.2.2',
    '192.0.2.1/24',
    '[192.0.2.1]',
    '[2001:db8::1',
    '[2001:db8::1]443',
    '[2001:db8::1]:',
    '[]',
    '2001:db8::1]',
    '2001:db8:::1',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7',
    'g::1',
    ':',
    '::ffff:192.0.2.256',
    '"192.0.2.1"',
    '192.0.2.1\0',
  ])('is not %j', (written) => {
    expect(parseAddress(written)).toBeUndefined();
  });

  test('of IPv6 is written as the URL standard writes it, however it was spelled', () => {
    const source = random(1);
    for (let round = 0; round < 2_000; round++) {
      const written = spelledAddress(source);
      const words = new URL(`http://[${written}]`).hostname.slice(1, -1);
      if (words.startsWith('::ffff:')) continue;
      expect([written, parseAddress(written)]).toEqual([written, words]);
      expect(parseAddress(words)).toBe(words);
    }
  });

  test('is found where the platform finds one, and nowhere else', () => {
    const source = random(2);
    for (let round = 0; round < 5_000; round++) {
      const written = mutated(source.below(2) === 0 ? spelledAddress(source) : dottedAddress(source), source);
      const valid = isIPv4(written.trim()) || isIPv6(written.trim());
      const parsed = parseAddress(written);
      if (valid) expect([written, parsed]).toEqual([written, expect.any(String)]);
      if (parsed !== undefined) expect([written, isIPv4(parsed) || isIPv6(parsed)]).toEqual([written, true]);
      if (parsed !== undefined && !valid) expect(written).toMatch(/^\s*(\[.*\](:\d+)?|[\d.]+:\d+)\s*$/);
    }
  });
});

describe('the group of an address', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:1200::1', '2001:db8:1:1200::/56'],
    ['2001:db8:1:12ff:1:2:3:4', '2001:db8:1:1200::/56'],
    ['2001:db8:1:1300::1', '2001:db8:1:1300::/56'],
    ['2001:db8::1', '2001:db8::/56'],
    ['fe80::1%eth0', 'fe80::/56'],
    ['::1', '::/56'],
    ['unknown', 'unknown'],
    ['', ''],
  ])('%s is in %s', (address, group) => {
    expect(addressGroup(address)).toBe(group);
  });

  test('is that of the first 56 bits, whatever follows', () => {
    const source = random(3);
    for (let round = 0; round < 500; round++) {
      const words = Array.from({ length: 8 }, () => source.below(65_536) | 1);
      const other = words.map((word, at) =>
        at < 3 ? word : at === 3 ? word ^ source.below(256) : source.below(65_536),
      );
      const changed = source.below(4);
      const far = words.map((word, at) => (at === changed ? word ^ 0x100 : word));
      const group = (of: readonly number[]): string => addressGroup(of.map((word) => word.toString(16)).join(':'));
      expect(group(other)).toBe(group(words));
      expect(group(far)).not.toBe(group(words));
    }
  });
});

/** One address in a random spelling: cases, leading zeros, `::` in any place where zeros are, a dotted end. */
function spelledAddress(source: Random): string {
  const words = Array.from({ length: 8 }, () => (source.below(2) === 0 ? 0 : source.below(65_536)));
  const spell = (word: number): string => {
    const text = word.toString(16).padStart(source.below(2) === 0 ? 1 : 4, '0');
    return source.below(2) === 0 ? text : text.toUpperCase();
  };
  const texts = words.map(spell);
  if (source.below(3) === 0) {
    const bytes = words.slice(6).flatMap((word) => [word >> 8, word & 0xff]);
    texts.splice(6, 2, bytes.join('.'));
  }
  const first = words.indexOf(0);
  const run = words.slice(first).findIndex((word) => word !== 0);
  const length = first === -1 ? 0 : run === -1 ? 8 - first : run;
  if (length === 0 || source.below(2) === 0 || first + length > 6) return texts.join(':');
  return `${texts.slice(0, first).join(':')}::${texts.slice(first + length).join(':')}`;
}

function dottedAddress(source: Random): string {
  return Array.from({ length: 4 }, () => source.below(256)).join('.');
}

/** A text with a character changed, added, left out or left alone. */
function mutated(text: string, source: Random): string {
  const letters = '0123456789abcdefF:.[]% g,/\t';
  const at = source.below(text.length + 1);
  const letter = letters.charAt(source.below(letters.length));
  return (
    [text, text.slice(0, at) + letter + text.slice(at), text.slice(0, at) + text.slice(at + 1)][source.below(3)] ?? text
  );
}
