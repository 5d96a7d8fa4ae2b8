import { expect, test } from '@jest/globals';
import { cacheName, forwardStatus, hitStatus } from '../../../service/cache/http/cache-status.ts';

test.each([
  ['sluice', 'sluice'],
  ['a.b:c', '"a.b:c"'],
  ['Cache of "a"', '"Cache of \\"a\\""'],
  ['1st', '"1st"'],
])('a cache named %s is %s', (name, expected) => {
  expect(cacheName(name)).toBe(expected);
});

test('a hit tells what is left of its time, a stale one since when it is over', () => {
  expect(hitStatus('a', 1_999)).toBe('a; hit; ttl=1');
  expect(hitStatus('a', -1, 'b; hit')).toBe('b; hit, a; hit; ttl=-1');
});

test('what was forwarded tells why, and what came of it', () => {
  expect(forwardStatus('a', { reason: 'uri-miss' })).toBe('a; fwd=uri-miss');
  expect(forwardStatus('a', { reason: 'stale', status: 304, stored: true, collapsed: true }, 'b; hit')).toBe(
    'b; hit, a; fwd=stale; fwd-status=304; stored; collapsed',
  );
});
