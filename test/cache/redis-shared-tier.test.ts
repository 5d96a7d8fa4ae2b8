import { afterEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { createRedisSharedTier, SingleFlight, type CacheMessage } from '../../service/cache/index.ts';
import { definition } from '../../service/definition/index.ts';
import { eventually } from '../support/eventually.ts';
import { useRedis } from '../support/stores.ts';
import { cacheOver, entryOf } from './tiers.ts';

const { missing, client } = useRedis('faults of the shared tier in Redis');
const check = missing === undefined ? test : test.skip;
const opened: Redis[] = [];
afterEach(() => opened.splice(0).forEach((redis) => redis.disconnect()));
let sequence = 0;

/** A process's tier, once it listens, and what it has heard. */
async function process(prefix: string, maxStalenessMs = 30_000) {
  const connect = (): Redis => {
    const redis = client().duplicate();
    redis.on('error', () => undefined);
    opened.push(redis);
    return redis;
  };
  const [redis, subscriber] = [connect(), connect()];
  const errors: unknown[] = [];
  const heard: CacheMessage[] = [];
  const tier = createRedisSharedTier({ redis, subscriber, prefix, onError: (error) => errors.push(error) });
  tier.listen((message) => heard.push(message));
  const cache = cacheOver(tier, { maxStalenessMs, onError: (error) => errors.push(error) });
  await eventually(() => expect(heard).toContainEqual({ type: 'gap' }));
  await cache.find('anything');
  return { tier, cache, errors, heard, subscriber };
}

const newPrefix = (): string => `fault${sequence++}:`;

describe('the shared tier in Redis', () => {
  check('that comes back with empty memory makes each process forget what it had', async () => {
    const { cache } = await process(newPrefix(), 300);
    const stop = cache.start();
    await cache.find('k');
    cache.store('k', entryOf('1'), 60_000);
    expect(cache.stats.entries).toBe(1);
    await client().flushall();
    await eventually(() => expect(cache.stats.entries).toBe(0));
    stop();
  });

  check.each(['state', 'keys', 'marks'])(
    'that evicts the %s of its journal gives nobody what had been invalidated, and keeps what is fetched anew',
    async (part) => {
      const prefix = newPrefix();
      const one = await process(prefix, 300);
      const stop = one.cache.start();
      const stored = (text: string) => entryOf(text, { tags: ['red'] });
      one.cache.store('k', stored('old'), 60_000);
      await eventually(async () => expect(await (await process(prefix)).cache.find('k')).toBeDefined());
      await one.cache.invalidate({ tags: ['red'] });
      one.cache.store('other', stored('known to be good'), 60_000);
      await client().del(`${prefix}{journal}:${part}`);

      expect(await (await process(prefix)).cache.find('k')).toBeUndefined();
      // Whoever followed the journal forgets all that it held, since it cannot tell what it missed.
      await eventually(() => expect(one.cache.stats.entries).toBe(0));
      one.cache.store('k', stored('new'), 60_000);
      await eventually(async () => expect(String((await (await process(prefix)).cache.find('k'))?.body)).toBe('new'));
      stop();
    },
  );

  check('that is full evicts answers, and not the journal that voids them', async () => {
    const prefix = newPrefix();
    const { cache, tier, errors } = await process(prefix);
    cache.store('k', entryOf('old', { tags: ['red'] }), 60_000);
    await eventually(async () => expect(await (await process(prefix)).cache.find('k')).toBeDefined());
    await cache.invalidate({ tags: ['red'] });
    const { begins } = await tier.journal.since(0);
    const used = Number(/used_memory:(\d+)/.exec(await client().info('memory'))?.[1]);
    await client().config('SET', 'maxmemory', String(used + 2_000_000));
    await client().config('SET', 'maxmemory-policy', definition.dev.stores.redis.cache.evictionPolicy);
    try {
      const body = Buffer.alloc(50_000);
      for (let key = 0; key < 200; key++) await tier.values.set(`filler${key}`, body, 60_000);
      expect(Number(/evicted_keys:(\d+)/.exec(await client().info('stats'))?.[1])).toBeGreaterThan(50);
      expect(errors).toEqual([]);
      expect((await tier.journal.since(0)).begins).toBe(begins);
      expect(await (await process(prefix)).cache.find('k')).toBeUndefined();
    } finally {
      await client().config('SET', 'maxmemory', '0');
      await client().config('SET', 'maxmemory-policy', 'noeviction');
    }
  });

  check('works on when its scripts were forgotten', async () => {
    const { tier } = await process(newPrefix());
    await tier.leases.take('l', 'me', 60_000);
    await client().script('FLUSH');
    expect(await tier.leases.take('l', 'you', 60_000)).toBeGreaterThan(0);
    expect((await tier.journal.add(['ta'])).version).toBeGreaterThan(0);
  });

  check('has what was missed known as soon as the connection that listens is back', async () => {
    const prefix = newPrefix();
    const [one, other] = [await process(prefix), await process(prefix)];
    one.cache.store('k', entryOf('1', { tags: ['red'] }), 60_000);
    await eventually(async () => expect(await other.cache.find('k')).toBeDefined());
    other.subscriber.disconnect();
    await eventually(() => expect(other.subscriber.status).toBe('end'));
    await one.cache.invalidate({ tags: ['red'] });
    expect(other.cache.peek('k')).toBeDefined();
    await other.subscriber.connect();
    await eventually(() => expect(other.cache.peek('k')).toBeUndefined());
  });

  check('is not brought down by a message that is none', async () => {
    const prefix = newPrefix();
    const { heard, errors } = await process(prefix);
    await client().publish(`${prefix}cache-messages`, 'nonsense');
    await client().publish(`${prefix}cache-messages`, '{"type":"landed","name":"l"}');
    await eventually(() => expect(heard).toContainEqual({ type: 'landed', name: 'l' }));
    expect(errors).toHaveLength(1);
  });

  check('that is full lets everybody fetch for himself, and read what is there', async () => {
    const prefix = newPrefix();
    const { tier, cache, errors } = await process(prefix);
    cache.store('k', entryOf('1'), 60_000);
    await eventually(async () => expect(await (await process(prefix)).cache.find('k')).toBeDefined());
    await client().config('SET', 'maxmemory', '1');
    try {
      const flights = new SingleFlight({ shared: tier, leaseMs: 60_000, onError: (error) => errors.push(error) });
      const trip = { find: () => Promise.resolve(undefined), load: () => Promise.resolve('fetched') };
      expect(await flights.run('another', trip).answer).toBe('fetched');
      expect(errors.length).toBeGreaterThan(0);
      expect(await (await process(prefix)).cache.find('k')).toBeDefined();
    } finally {
      await client().config('SET', 'maxmemory', '0');
    }
  });

  check('numbers its journal without loss, and tells it from any point on', async () => {
    const { tier } = await process(newPrefix());
    const first = await tier.journal.add(['ta', 'kb']);
    const second = await tier.journal.add(['pc']);
    expect(first.previous).toBe((await tier.journal.since(first.version)).begins);
    expect(second.previous).toBe(first.version);
    expect(second.version).toBeGreaterThan(first.version);
    const all = await tier.journal.since(0);
    expect(all.version).toBe(second.version);
    expect(new Map(all.marks)).toEqual(
      new Map([
        ['ta', first.version],
        ['kb', first.version],
        ['pc', second.version],
      ]),
    );
    expect((await tier.journal.since(first.version)).marks).toEqual([['pc', second.version]]);
  });
});
