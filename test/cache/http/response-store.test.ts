import { describe, expect, test } from '@jest/globals';
import { ResponseStore } from '../../../service/cache/http/response-store.ts';
import { storedHead, type StoredResponse } from '../../../service/cache/http/stored-response.ts';
import type { SharedTier } from '../../../service/cache/index.ts';
import { createShared, createTiers } from './tiers.ts';

const KEY = 'http\na.test\n/a';
const START = Date.UTC(2030, 0, 1);

function setUp({ maxVariants = 3, shared }: { maxVariants?: number; shared?: SharedTier } = {}) {
  const clock = { now: START };
  const tiers = createTiers(() => clock.now, shared);
  return { clock, tiers, store: new ResponseStore({ tiers, maxVariants }) };
}

function answer(body: string, vary?: string, [requestedAt, receivedAt] = [START, START]): StoredResponse {
  const headers = ['cache-control', 'max-age=600', ...(vary === undefined ? [] : ['vary', vary])];
  const head = { method: 'GET', request: {}, refused: false, status: 200, headers, times: { requestedAt, receivedAt } };
  return { ...(storedHead(head) as StoredResponse), body: Buffer.from(body) };
}

const text = (entry: StoredResponse | undefined): string | undefined => entry?.body.toString();

describe('answers for one address', () => {
  test('that do not vary are one', () => {
    const { store, tiers } = setUp();
    store.store(KEY, { a: '1' }, answer('one'), 1_000);
    store.store(KEY, { a: '2' }, answer('two'), 1_000);
    expect(text(store.peek(KEY, { a: '1' }))).toBe('two');
    expect(tiers.stats.entries).toBe(1);
  });

  test('that vary are found by what the request has', async () => {
    const { store } = setUp();
    store.store(KEY, { a: '1' }, answer('one', 'a'), 1_000);
    store.store(KEY, { a: '2' }, answer('two', 'a'), 1_000);
    expect(text(store.peek(KEY, { a: '1' }))).toBe('one');
    expect(text(store.peek(KEY, { a: '2' }))).toBe('two');
    expect(store.peek(KEY, {})).toBeUndefined();
    expect(await store.find(KEY, { a: '3' })).toEqual({ entry: undefined, known: true });
    expect(await store.find('http\na.test\n/b', {})).toEqual({ entry: undefined, known: false });
  });

  test('are no more than the bound, however many requests differ', () => {
    const { store, tiers } = setUp({ maxVariants: 3 });
    for (let index = 0; index < 100; index++) store.store(KEY, { a: String(index) }, answer(`${index}`, 'a'), 1_000);
    expect(tiers.stats.entries).toBe(4);
    expect(text(store.peek(KEY, { a: '99' }))).toBe('99');
    expect(store.peek(KEY, { a: '96' })).toBeUndefined();
  });

  test('are no more than the bound, however much their Vary differs', () => {
    const { store, tiers } = setUp({ maxVariants: 3 });
    for (let index = 0; index < 100; index++) store.store(KEY, {}, answer(`${index}`, `x-${index}`), 1_000);
    expect(tiers.stats.entries).toBe(4);
  });

  test('have keys that no address has', () => {
    const { store, tiers } = setUp();
    store.store(KEY, { a: '1' }, answer('one', 'a'), 1_000);
    const [variant] = tiers.keys.filter((key) => key !== KEY);
    expect(variant?.split('\n')).toHaveLength(5);
    expect(KEY.split('\n')).toHaveLength(3);
  });
});

describe('after an invalidation', () => {
  test('no answer is found that was kept before, whatever it varied by', async () => {
    const { store } = setUp();
    store.store(KEY, { a: '1' }, answer('one', 'a'), 1_000);
    await store.invalidate(KEY);
    expect(store.peek(KEY, { a: '1' })).toBeUndefined();
    const later = START + 10;
    store.store(KEY, { a: '2' }, answer('two', 'a', [later, later]), 1_000);
    expect(store.peek(KEY, { a: '1' })).toBeUndefined();
  });

  test('no answer is kept that was asked for before, even where newer ones are', async () => {
    const { store, clock } = setUp();
    clock.now = START + 5;
    await store.invalidate(KEY);
    store.store(KEY, { a: '1' }, answer('old', 'a', [START, START + 20]), 1_000);
    expect(store.peek(KEY, { a: '1' })).toBeUndefined();
    store.store(KEY, { a: '2' }, answer('new', 'a', [START + 10, START + 11]), 1_000);
    store.store(KEY, { a: '1' }, answer('old', 'a', [START, START + 20]), 1_000);
    expect(store.peek(KEY, { a: '1' })).toBeUndefined();
    expect(text(store.peek(KEY, { a: '2' }))).toBe('new');
  });
});

test('what another process keeps is found, also an answer that this one did not know to exist', async () => {
  const shared = createShared(() => START);
  const [one, other] = [setUp({ shared }), setUp({ shared })];
  one.store.store(KEY, { a: '1' }, answer('one', 'a'), 1_000);
  expect(text((await other.store.find(KEY, { a: '1' })).entry)).toBe('one');
  one.store.store(KEY, { b: '1' }, answer('two', 'b', [START + 5, START + 5]), 1_000);
  expect(text((await other.store.find(KEY, { a: '2', b: '1' })).entry)).toBe('two');
});

test('requests that the next answer is likely to fit fly together', () => {
  const { store } = setUp();
  expect(store.flightKey(KEY, { a: '1' })).toBe(store.flightKey(KEY, { a: '2' }));
  store.store(KEY, { a: '1' }, answer('one', 'a'), 1_000);
  expect(store.flightKey(KEY, { a: '1' })).not.toBe(store.flightKey(KEY, { a: '2' }));
  expect(store.flightKey(KEY, { a: '1', b: '1' })).toBe(store.flightKey(KEY, { a: '1', b: '2' }));
});
