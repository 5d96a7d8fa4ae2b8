import { expect, test } from '@jest/globals';
import { parseResponseDirectives } from '../../../service/cache/http/cache-control.ts';
import { storedFields, updatedFields } from '../../../service/cache/http/stored-fields.ts';

const NOTHING = parseResponseDirectives(undefined);

test('fields of one connection, of one proxy, and those made anew are not kept; all others are', () => {
  const fields = ['connection', 'X-Hop, close', 'x-hop', '1', 'keep-alive', '2', 'transfer-encoding', 'chunked'];
  const made = ['age', '1', 'x-cache', 'HIT', 'cache-status', 'a; hit', 'content-length', '5'];
  const rest = ['x-a', '1', 'x-a', '2', 'set-cookie', 'b'];
  expect(storedFields([...fields, 'proxy-authenticate', 'x', ...made, ...rest], NOTHING)).toEqual(rest);
});

test('fields that no-cache or private name are not kept', () => {
  const directives = parseResponseDirectives('no-cache="x-a", private=X-B');
  expect(storedFields(['x-a', '1', 'x-b', '2', 'x-c', '3'], directives)).toEqual(['x-c', '3']);
});

test('newer fields replace all older lines of their name, but for those of the body', () => {
  const kept = ['x-a', '1', 'x-a', '2', 'x-b', '3', 'content-range', 'old'];
  const newer = [
    'x-a',
    '4',
    'x-c',
    '5',
    'content-length',
    '9',
    'content-range',
    'new',
    'connection',
    'x-b',
    'x-b',
    '6',
  ];
  expect(updatedFields(kept, newer, NOTHING)).toEqual(['x-b', '3', 'content-range', 'old', 'x-a', '4', 'x-c', '5']);
});
