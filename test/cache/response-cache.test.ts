import { describe, expect, test } from '@jest/globals';
import {
  createMemorySharedTier,
  ResponseCache,
  type ResponseCacheOptions,
  type SharedTier,
} from '../../service/cache/index.ts';
import { eventually } from '../support/eventually.ts';
import { cacheOver, entryOf } from './tiers.ts';

/** Caches of two processes and their clock; what one tells the other can be held back. */
function pair(options: Partial<ResponseCacheOptions> = {}) {
  const clock = { now: 1_000_000 };
  const now = (): number => clock.now;
  const tier = createMemorySharedTier({ maxBytes: 1 << 20, now });
  const state = { deaf: false, down: false };
  const failing = <T>(call: () => Promise<T>): Promise<T> => (state.down ? Promise.reject(new Error('down')) : call());
  const view: SharedTier = {
    values: {
      get: (key) => failing(() => tier.values.get(key)),
      set: (key, value, ms) => failing(() => tier.values.set(key, value, ms)),
      delete: (key) => failing(() => tier.values.delete(key)),
      getMany: (keys) => failing(() => tier.values.getMany(keys)),
      setMany: (items) => failing(() => tier.values.setMany(items)),
    },
    leases: tier.leases,
    journal: {
      add: (marks) => failing(() => tier.journal.add(marks)),
      since: (version) => failing(() => tier.journal.since(version)),
    },
    listen: (listener) => tier.listen((message) => state.deaf || listener(message)),
  };
  const errors: unknown[] = [];
  const events: string[] = [];
  const other = cacheOver(view, {
    now,
    maxStalenessMs: 30_000,
    onError: (error) => errors.push(error),
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { one: cacheOver(tier, { now }), other, clock, state, errors, events, now };
}

const red = (text: string, storedAt: number) =>
  entryOf(text, { tags: ['red'], storedAt, expiresAt: storedAt + 3_600_000 });

describe('a response cache', () => {
  test('gives from memory also what is no longer fresh, for as long as it is kept', () => {
    const { one, clock } = pair();
    one.store('k', entryOf('1', { storedAt: clock.now, expiresAt: clock.now + 10 }), 20);
    clock.now += 19;
    expect(one.peek('k')).toBeDefined();
    clock.now += 1;
    expect(one.peek('k')).toBeUndefined();
  });

  test('looks for something newer once what it has is no longer fresh', async () => {
    const { one, other, clock } = pair();
    const early = { storedAt: clock.now, expiresAt: clock.now + 10 };
    one.store('k', entryOf('old', early), 10_000);
    expect(String((await other.find('k'))?.body)).toBe('old');
    expect(await other.findNewer('k')).toBeUndefined();
    clock.now += 11;
    expect(String((await other.find('k'))?.body)).toBe('old');
    one.store('k', entryOf('new', { storedAt: clock.now }), 10_000);
    expect(String((await other.find('k'))?.body)).toBe('new');
    expect(String(other.peek('k')?.body)).toBe('new');
  });

  test('stays within its bytes, says how many, and tells what went', () => {
    const { other, events } = pair({ maxBytes: 2_000 });
    for (const key of ['a', 'b', 'c']) other.store(key, entryOf('x'.repeat(20)), 60_000);
    other.peek('a');
    other.store('d', entryOf('x'.repeat(20)), 60_000);
    expect(['a', 'b', 'c', 'd'].filter((key) => other.peek(key))).toEqual(['a', 'c', 'd']);
    expect(other.stats.entries).toBe(3);
    expect(other.stats.bytes).toBeGreaterThan(1_500);
    expect(other.stats.bytes).toBeLessThanOrEqual(2_000);
    expect(events).toEqual(['stored', 'stored', 'stored', 'evicted', 'stored']);
  });

  test('refuses an entry that is larger than one may be, in both tiers', async () => {
    const { one, other } = pair({ maxEntryBytes: 100 });
    other.store('k', entryOf('x'.repeat(101)), 60_000);
    expect(other.peek('k')).toBeUndefined();
    expect(await one.find('k')).toBeUndefined();
  });

  test('keeps nothing for longer than a day', () => {
    const { one, clock } = pair();
    one.store('k', entryOf('1', { storedAt: clock.now }), 10 * 86_400_000);
    clock.now += 86_400_000;
    expect(one.peek('k')).toBeUndefined();
  });

  test('does not keep alive what a body was cut from', () => {
    const { one } = pair();
    one.store('k', { ...entryOf(''), body: Buffer.alloc(1 << 20).subarray(0, 10) }, 60_000);
    expect(one.peek('k')?.body.buffer.byteLength).toBe(10);
  });

  test('takes bytes that hold no entry for nothing', async () => {
    const tier = createMemorySharedTier({ maxBytes: 1 << 20 });
    for (const bytes of ['', 'garbage', '\0\0\0\u0002{}body', '\u007f\0\0\0']) {
      const values = { ...tier.values, get: () => Promise.resolve(Buffer.from(bytes)) };
      expect(await cacheOver({ ...tier, values }).find('k')).toBeUndefined();
    }
  });

  test('goes on alone while its shared tier is down, and tells of each failure', async () => {
    const { other, state, errors } = pair();
    state.down = true;
    expect(await other.find('k')).toBeUndefined();
    other.store('k', entryOf('1', { storedAt: 1_000_000 }), 60_000);
    expect(other.peek('k')).toBeDefined();
    await other.drop('k');
    expect(other.peek('k')).toBeUndefined();
    expect(await other.invalidate({ tags: ['red'] })).toBe(false);
    await eventually(() => expect(errors.length).toBeGreaterThanOrEqual(5));
  });
});

describe('an invalidation', () => {
  test('whose message is lost is known within the time that is said', async () => {
    const { one, other, clock, state } = pair();
    one.store('k', red('1', clock.now), 3_600_000);
    expect(await other.find('k')).toBeDefined();
    state.deaf = true;
    await one.invalidate({ tags: ['red'] });
    expect(other.peek('k')).toBeDefined();
    clock.now += 30_001;
    expect(other.peek('k')).toBeUndefined();
    expect(await other.find('k')).toBeUndefined();
  });

  test('whose message is lost is known as soon as the process asks, which it does by itself', async () => {
    const tier = createMemorySharedTier({ maxBytes: 1 << 20 });
    const one = cacheOver(tier);
    const other = cacheOver({ ...tier, listen: () => undefined }, { maxStalenessMs: 90 });
    const stop = other.start();
    one.store('k', entryOf('1', { tags: ['red'] }), 3_600_000);
    expect(await other.find('k')).toBeDefined();
    await one.invalidate({ tags: ['red'] });
    await eventually(() => expect(other.peek('k')).toBeUndefined());
    expect(await other.find('k')).toBeUndefined();
    stop();
  });

  test('whose message is lost is known with the next message', async () => {
    const { one, other, clock, state } = pair();
    one.store('k', red('1', clock.now), 3_600_000);
    expect(await other.find('k')).toBeDefined();
    state.deaf = true;
    await one.invalidate({ tags: ['red'] });
    state.deaf = false;
    await one.invalidate({ tags: ['blue'] });
    await eventually(() => expect(other.peek('k')).toBeUndefined());
  });

  test('that cannot be asked for lets only what was fetched lately, by this process itself, be given', async () => {
    const { one, other, clock, state } = pair();
    one.store('theirs', red('1', clock.now), 3_600_000);
    expect(await other.find('theirs')).toBeDefined();
    state.down = true;
    clock.now += 20_000;
    other.store('own', red('1', clock.now), 3_600_000);
    clock.now += 10_001;
    expect(other.peek('theirs')).toBeUndefined();
    expect(other.peek('own')).toBeDefined();
    clock.now += 20_000;
    expect(other.peek('own')).toBeUndefined();
    state.down = false;
    expect(await other.find('own')).toBeDefined();
  });

  test('that the shared tier did not take is told when it answers again', async () => {
    const { one, other, clock, state } = pair();
    one.store('k', red('1', clock.now), 3_600_000);
    state.down = true;
    expect(await other.invalidate({ tags: ['red'] })).toBe(false);
    expect(one.peek('k')).toBeDefined();
    state.down = false;
    clock.now += 30_001;
    expect(await other.find('k')).toBeUndefined();
    expect(await one.find('k')).toBeUndefined();
  });

  test('voids what lies in the shared tier for a process that starts later', async () => {
    const clock = { now: 1_000_000 };
    const now = (): number => clock.now++;
    const tier = createMemorySharedTier({ maxBytes: 1 << 20, now });
    const one = cacheOver(tier, { now });
    one.store('k', red('1', clock.now), 3_600_000);
    await one.invalidate({ prefixes: ['k'] });
    expect(await cacheOver(tier, { now }).find('k')).toBeUndefined();
    one.store('k', red('2', clock.now), 3_600_000);
    expect(await cacheOver(tier, { now }).find('k')).toBeDefined();
  });

  test('is answered by what is fetched after it, which stays', async () => {
    const { one, other, clock } = pair();
    one.store('k', red('1', clock.now), 3_600_000);
    await other.invalidate({ tags: ['red'] });
    clock.now += 5;
    one.store('k', red('2', clock.now), 3_600_000);
    expect(String(one.peek('k')?.body)).toBe('2');
    expect(String((await other.find('k'))?.body)).toBe('2');
  });

  test('of more tags than a journal holds voids whatever is as old as those it forgot', async () => {
    const { one, clock } = pair();
    one.store('old', entryOf('1', { storedAt: clock.now, expiresAt: clock.now + 3_600_000 }), 3_600_000);
    for (let tag = 0; tag < 5_001; tag++) {
      clock.now++;
      await one.invalidate({ tags: [`tag-${tag}`] });
    }
    one.store('new', entryOf('1', { storedAt: clock.now, expiresAt: clock.now + 3_600_000 }), 3_600_000);
    clock.now += 30_001;
    await one.find('anything');
    expect(one.peek('old')).toBeUndefined();
    expect(one.peek('new')).toBeDefined();
  });
});

describe('a shared tier that has lost its memory', () => {
  test('makes each process forget what it had', async () => {
    const clock = { now: 1_000_000 };
    const now = (): number => clock.now;
    let tier = createMemorySharedTier({ maxBytes: 1 << 20, now });
    const view: SharedTier = {
      get values() {
        return tier.values;
      },
      journal: { add: (marks) => tier.journal.add(marks), since: (version) => tier.journal.since(version) },
      leases: tier.leases,
      listen: () => undefined,
    };
    const cache = new ResponseCache({ shared: view, maxBytes: 10_000, onError: () => undefined, now });
    await cache.find('k');
    cache.store('k', red('1', clock.now), 3_600_000);
    clock.now += 30_001;
    tier = createMemorySharedTier({ maxBytes: 1 << 20, now });
    expect(await cache.find('k')).toBeUndefined();
    expect(cache.stats.entries).toBe(0);
  });
});
