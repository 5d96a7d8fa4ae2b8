import { describe, expect, test } from '@jest/globals';
import { ResponseCache, type ResponseCacheOptions } from '../../service/cache/index.ts';
import type { KeyValueStore } from '../../service/store/key-value.ts';
import { createMemoryKeyValue } from '../../service/store/memory-key-value.ts';

const answer = (text: string) => ({ status: 200, headers: ['content-type', 'text/plain'], body: Buffer.from(text) });

function build(options: Partial<ResponseCacheOptions> = {}) {
  const shared = createMemoryKeyValue({ maxBytes: 1 << 20 });
  const errors: unknown[] = [];
  const cache = new ResponseCache({
    shared,
    maxBytes: 10_000,
    onError: (error) => errors.push(error),
    random: () => 0,
    ...options,
  });
  return { cache, shared, errors };
}

describe('a response cache', () => {
  test('answers at once what this process has stored', () => {
    const { cache } = build();
    expect(cache.peek('k')).toBeUndefined();
    cache.store('k', answer('one'), 1_000);
    expect(cache.peek('k')).toMatchObject({ status: 200, body: Buffer.from('one') });
  });

  test('finds what another process has stored, and then has it at once', async () => {
    const first = build();
    const second = build({ shared: first.shared });
    first.cache.store('k', answer('one'), 1_000);
    expect(await second.cache.find('k')).toMatchObject({
      headers: ['content-type', 'text/plain'],
      body: Buffer.from('one'),
    });
    expect(second.cache.peek('k')).toBeDefined();
  });

  test('forgets an entry when its time is over', () => {
    let now = 0;
    const { cache } = build({ now: () => now });
    cache.store('k', answer('one'), 1_000);
    now = 999;
    expect(cache.peek('k')).toBeDefined();
    now = 1_000;
    expect(cache.peek('k')).toBeUndefined();
  });

  test('takes up to a tenth off a lifetime, at random', () => {
    const { cache } = build({ now: () => 0, random: () => 1 });
    expect(cache.store('k', answer('one'), 1_000).expiresAt).toBe(900);
  });

  test('stays within its bytes: the least recently used goes first', () => {
    const { cache } = build({ maxBytes: 1_500 });
    for (const key of ['a', 'b', 'c']) cache.store(key, answer('x'.repeat(20)), 1_000);
    cache.peek('a');
    cache.store('d', answer('x'.repeat(20)), 1_000);
    expect(cache.peek('b')).toBeUndefined();
    expect(cache.peek('a')).toBeDefined();
    cache.store('huge', answer('x'.repeat(5_000)), 1_000);
    expect(cache.peek('huge')).toBeUndefined();
  });

  test('goes on without its shared tier, and tells of each failure', async () => {
    const broken: KeyValueStore = {
      get: () => Promise.reject(new Error('down')),
      set: () => Promise.reject(new Error('down')),
      delete: () => Promise.reject(new Error('down')),
    };
    const { cache, errors } = build({ shared: broken });
    expect(await cache.find('k')).toBeUndefined();
    cache.store('k', answer('one'), 1_000);
    expect(cache.peek('k')).toBeDefined();
    await Promise.resolve();
    expect(errors).toHaveLength(2);
  });

  test('ignores bytes that hold no entry', async () => {
    const { cache, shared } = build();
    const garbage: KeyValueStore = { ...shared, get: () => Promise.resolve(Buffer.from('garbage')) };
    const other = new ResponseCache({ shared: garbage, maxBytes: 1_000, onError: () => undefined });
    expect(await other.find('k')).toBeUndefined();
    expect(await cache.find('k')).toBeUndefined();
  });

  test('loads once for all who ask at the same time, and anew after a failure', async () => {
    const { cache } = build();
    let loads = 0;
    const load = () => Promise.resolve((loads++, answer('one')));
    const flights = [cache.share('k', load), cache.share('k', load), cache.share('k', load)];
    expect(flights.map(({ leader }) => leader)).toEqual([true, false, false]);
    await Promise.all(flights.map(({ answer: shared }) => shared));
    expect(loads).toBe(1);
    await expect(cache.share('k', () => Promise.reject(new Error('failed'))).answer).rejects.toThrow('failed');
    expect(cache.share('k', load).leader).toBe(true);
  });
});
