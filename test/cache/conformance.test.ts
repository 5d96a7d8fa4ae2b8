import { afterAll, describe, expect, test } from '@jest/globals';
import type { SharedTier } from '../../service/cache/index.ts';
import { eventually } from '../support/eventually.ts';
import { useRedis, useRedisCluster } from '../support/stores.ts';
import { cacheOver, clusterShared, entryOf, linkShared, memoryShared, redisShared, type Shared } from './tiers.ts';

const { missing, client } = useRedis('the shared tier of the cache in Redis');
const { cluster } = useRedisCluster();
let sequence = 0;
const opened: Shared[] = [];
afterAll(() => opened.forEach((shared) => shared.close()));

const implementations: readonly [name: string, create: () => Shared, needsRedis: boolean][] = [
  ['memory', memoryShared, false],
  ['the primary', linkShared, false],
  ['Redis', () => redisShared(client(), `test${sequence++}:`), true],
  ['a Redis Cluster', () => clusterShared(cluster().seed, `test${sequence++}:`), true],
];

describe.each(implementations)('a cache whose processes share %s', (_name, create, needsRedis) => {
  const check = needsRedis && missing !== undefined ? test.skip : test;
  const open = (): Shared => {
    const shared = create();
    opened.push(shared);
    return shared;
  };
  /** Two that know the journal, as a process does that has looked for anything. */
  const pair = async (shared: Shared = open()) => {
    const [one, other] = [cacheOver(shared.view()), cacheOver(shared.view())];
    await Promise.all([one.find('anything'), other.find('anything')]);
    return [one, other] as const;
  };

  check('gives an entry byte for byte to another process, with all that is known of it', async () => {
    const [one, other] = await pair();
    const entry = entryOf('', {
      status: 404,
      body: Buffer.from([0, 255, 128, 10, 13]),
      tags: ['a', 'b'],
      fetchMs: 12,
      staleUntil: Date.now() + 90_000,
      meta: { vary: ['accept'] },
    });
    one.store('k', entry, 90_000);
    expect(other.peek('k')).toBeUndefined();
    expect(
      await eventually(() => other.find('k').then((found) => found ?? Promise.reject(new Error('absent')))),
    ).toEqual(entry);
    expect(other.peek('k')).toEqual(entry);
  });

  check('has nothing under a key that was never stored', async () => {
    const [one] = await pair();
    expect(await one.find('absent')).toBeUndefined();
    await one.drop('absent');
  });

  check('forgets a key everywhere, and can keep it again', async () => {
    const [one, other] = await pair();
    one.store('k', entryOf('1'), 60_000);
    await eventually(async () => expect(await other.find('k')).toBeDefined());
    await one.drop('k');
    await eventually(() => expect(other.peek('k')).toBeUndefined());
    expect(await other.find('k')).toBeUndefined();
    await eventually(async () => {
      one.store('k', entryOf('2'), 60_000);
      expect(String((await other.findNewer('k'))?.body)).toBe('2');
    });
  });

  check('reads and writes many at once', async () => {
    const [one, other] = await pair();
    one.storeMany(['a', 'b', 'c'].map((key) => ({ key, entry: entryOf(key), keepMs: 60_000 })));
    await eventually(async () => {
      const found = await other.findMany(['a', 'absent', 'c', 'b']);
      expect(found.map((entry) => entry && String(entry.body))).toEqual(['a', undefined, 'c', 'b']);
    });
    expect(await other.findMany([])).toEqual([]);
  });

  check('forgets by tag, here and elsewhere, and nothing else', async () => {
    const [one, other] = await pair();
    const shared = { a: ['red'], b: ['red', 'blue'], c: ['blue'], d: [] };
    one.storeMany(
      Object.entries(shared).map(([key, tags]) => ({ key, entry: entryOf(key, { tags }), keepMs: 60_000 })),
    );
    await eventually(async () => expect((await other.findMany(['a', 'b', 'c', 'd'])).every(Boolean)).toBe(true));
    expect(await one.invalidate({ tags: ['red'] })).toBe(true);
    const left = (cache: typeof one) => ['a', 'b', 'c', 'd'].filter((key) => cache.peek(key));
    expect(left(one)).toEqual(['c', 'd']);
    await eventually(() => expect(left(other)).toEqual(['c', 'd']));
    expect(await other.find('a')).toBeUndefined();
  });

  check('forgets by the beginning of keys', async () => {
    const [one, other] = await pair();
    const keys = ['search/?1', 'search/?2', 'searching/?1'];
    one.storeMany(keys.map((key) => ({ key, entry: entryOf(key), keepMs: 60_000 })));
    await eventually(async () => expect((await other.findMany(keys)).every(Boolean)).toBe(true));
    await one.invalidate({ prefixes: ['search/'] });
    await eventually(() => expect(keys.map((key) => other.peek(key) !== undefined)).toEqual([false, false, true]));
  });

  check('forgets everything', async () => {
    const [one, other] = await pair();
    one.store('k', entryOf('1'), 60_000);
    await eventually(async () => expect(await other.find('k')).toBeDefined());
    await other.invalidate({ everything: true });
    await eventually(() => expect(one.peek('k')).toBeUndefined());
    expect(await one.find('k')).toBeUndefined();
  });

  check('does not keep what was fetched from before it was invalidated', async () => {
    const [one] = await pair();
    const began = Date.now() - 50;
    await one.invalidate({ tags: ['red'] });
    one.store('k', entryOf('old', { tags: ['red'], fetchMs: Date.now() - began }), 60_000);
    expect(await one.find('k')).toBeUndefined();
  });

  check('ends a lifetime in both tiers', async () => {
    const [one, other] = await pair();
    one.store('k', entryOf('1'), 200);
    await eventually(async () => {
      expect(one.peek('k')).toBeUndefined();
      expect(await other.find('k')).toBeUndefined();
    });
  });

  check('shows the shared tier no key, only its hash, below the namespace', () => {
    const tier = open().view();
    const names: string[] = [];
    const spied: SharedTier = {
      ...tier,
      values: { ...tier.values, set: (key, value, ms) => (names.push(key), tier.values.set(key, value, ms)) },
    };
    cacheOver(spied, { namespace: 'pages:' }).store('search/?{"q":"secret"}', entryOf('1'), 60_000);
    expect(names).toEqual([expect.stringMatching(/^pages:[\w-]{43}$/)]);
  });

  check('keeps namespaces apart', async () => {
    const shared = open();
    cacheOver(shared.view(), { namespace: 'a:' }).store('k', entryOf('1'), 60_000);
    expect(await cacheOver(shared.view(), { namespace: 'b:' }).find('k')).toBeUndefined();
  });
});

describe.each(implementations)('leases in %s', (_name, create, needsRedis) => {
  const check = needsRedis && missing !== undefined ? test.skip : test;
  const open = (): readonly [SharedTier, SharedTier] => {
    const shared = create();
    opened.push(shared);
    return [shared.view(), shared.view()];
  };

  check('are had by one at a time, and only their owner gives them back', async () => {
    const [one, other] = open();
    expect(await one.leases.take('l', 'me', 60_000)).toBe(0);
    const left = await other.leases.take('l', 'you', 60_000);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(60_000);
    await other.leases.release('l', 'you');
    expect(await other.leases.take('l', 'you', 60_000)).toBeGreaterThan(0);
    await one.leases.release('l', 'me');
    expect(await other.leases.take('l', 'you', 60_000)).toBe(0);
  });

  check('end by themselves', async () => {
    const [one, other] = open();
    await one.leases.take('l', 'me', 50);
    await eventually(async () => expect(await other.leases.take('l', 'you', 60_000)).toBe(0));
  });

  check('tell those who wait when they are given back', async () => {
    const [one, other] = open();
    const heard: string[] = [];
    let ready = false;
    other.listen((message) => {
      if (message.type === 'landed') heard.push(message.name);
      ready ||= message.type === 'gap';
    });
    if (needsRedis) await eventually(() => expect(ready).toBe(true));
    await one.leases.take('l', 'me', 60_000);
    await other.leases.take('l', 'you', 60_000);
    await one.leases.release('l', 'me');
    await eventually(() => expect(heard).toEqual(['l']));
  });
});
