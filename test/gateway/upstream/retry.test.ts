import { describe, expect, test } from '@jest/globals';
import { parseRetryAfter, retryWaitMs } from '../../../service/gateway/upstream/retry.ts';

const NOW = Date.parse('2026-01-02T03:04:05Z');
const question = {
  status: undefined,
  retryAfter: undefined,
  leftMs: 10_000,
  backoffMs: 2_000,
  random: () => 0.5,
  now: () => NOW,
};

describe('Retry-After', () => {
  test.each([
    [undefined, undefined],
    ['0', 0],
    ['120', 120_000],
    ['Fri, 02 Jan 2026 03:04:15 GMT', 10_000],
    ['Fri, 02 Jan 2026 03:04:00 GMT', 0],
    ['-1', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['', undefined],
  ])('%j means %j milliseconds', (value, expected) => {
    expect(parseRetryAfter(value, NOW)).toBe(expected);
  });
});

describe('the wait before another attempt', () => {
  test('is a random part of the back-off', () => {
    expect(retryWaitMs(question)).toBe(1_000);
    expect(retryWaitMs({ ...question, random: () => 0 })).toBe(0);
  });

  test('comes on top of what the upstream asks for', () => {
    expect(retryWaitMs({ ...question, status: 503, retryAfter: '3' })).toBe(4_000);
    expect(retryWaitMs({ ...question, status: 429, retryAfter: '3' })).toBe(4_000);
  });

  test('does not heed Retry-After of other answers', () => {
    expect(retryWaitMs({ ...question, status: 500, retryAfter: '3' })).toBe(1_000);
  });

  test('is never as long as what is left', () => {
    expect(retryWaitMs({ ...question, leftMs: 1_001 })).toBe(1_000);
    expect(retryWaitMs({ ...question, leftMs: 1_000 })).toBeUndefined();
    expect(retryWaitMs({ ...question, status: 503, retryAfter: '9' })).toBeUndefined();
  });
});
