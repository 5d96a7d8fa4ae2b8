import { describe, expect, test } from '@jest/globals';
import type { BatchedKeyValueStore, KeyValueStore } from '../../service/store/key-value.ts';
import { createMemoryKeyValue } from '../../service/store/memory-key-value.ts';
import { createRedisKeyValue } from '../../service/store/redis-key-value.ts';
import { createSessions } from '../../service/store/sessions.ts';
import { eventually } from '../support/eventually.ts';
import { localLink, useRedis, useRedisCluster } from '../support/stores.ts';

const { missing, client } = useRedis('values in Redis');
const { clusterClient } = useRedisCluster();
let sequence = 0;

const implementations: readonly [name: string, create: () => KeyValueStore, needsRedis: boolean][] = [
  ['memory', () => createMemoryKeyValue({ maxBytes: 1 << 20 }), false],
  ['the primary', () => localLink().values, false],
  ['redis', () => createRedisKeyValue(client(), `test${sequence++}:`), true],
  ['a redis cluster', () => createRedisKeyValue(clusterClient(), `test${sequence++}:`), true],
];

describe.each(implementations)('values in %s', (_name, create, needsRedis) => {
  const check = needsRedis && missing !== undefined ? test.skip : test;

  check('come back byte for byte', async () => {
    const store = create();
    const value = Buffer.from([0, 255, 128, 10, 13]);
    await store.set('a', value, 60_000);
    expect(await store.get('a')).toEqual(value);
  });

  check('are absent before they are set and after they are deleted', async () => {
    const store = create();
    expect(await store.get('a')).toBeUndefined();
    await store.set('a', Buffer.from('1'), 60_000);
    await store.delete('a');
    await store.delete('a');
    expect(await store.get('a')).toBeUndefined();
  });

  check('are replaced by a later one', async () => {
    const store = create();
    await store.set('a', Buffer.from('1'), 60_000);
    await store.set('a', Buffer.from('22'), 60_000);
    expect(String(await store.get('a'))).toBe('22');
  });

  check('end when their time is over', async () => {
    const store = create();
    await store.set('a', Buffer.from('1'), 50);
    await eventually(async () => expect(await store.get('a')).toBeUndefined(), 5_000);
  });
});

describe('values in memory', () => {
  test('stay within the bound: the least recently used goes first', async () => {
    const store = createMemoryKeyValue({ maxBytes: 1_000 });
    for (const key of ['a', 'b', 'c']) await store.set(key, Buffer.alloc(200), 60_000);
    await store.get('a');
    await store.set('d', Buffer.alloc(200), 60_000);
    expect(await store.get('b')).toBeUndefined();
    expect(await store.get('a')).toBeDefined();
    await store.set('huge', Buffer.alloc(5_000), 60_000);
    expect(await store.get('huge')).toBeUndefined();
  });
});

describe('sessions', () => {
  test('are found by their token until they are ended, and no token stands in the store', async () => {
    const keys: string[] = [];
    const inner = createMemoryKeyValue({ maxBytes: 1 << 20 });
    const store: KeyValueStore = {
      ...inner,
      set: (key, value, lifetime) => (keys.push(key + String(value)), inner.set(key, value, lifetime)),
    };
    const sessions = createSessions({ store, lifetimeMs: 60_000, now: () => 1_000_000 });
    const { token, expiresAt } = await sessions.create('alice');
    expect(expiresAt).toEqual(new Date(1_060_000));
    expect(await sessions.find(token)).toEqual({ owner: 'alice', expiresAt });
    expect(keys.join()).not.toContain(token);
    await sessions.end(token);
    expect(await sessions.find(token)).toBeUndefined();
  });
});

const batched: readonly [name: string, create: () => BatchedKeyValueStore, needsRedis: boolean][] = [
  ['memory', () => createMemoryKeyValue({ maxBytes: 1 << 20 }), false],
  ['the primary', () => localLink().cache.values, false],
  ['redis', () => createRedisKeyValue(client(), `test${sequence++}:`), true],
  ['a redis cluster', () => createRedisKeyValue(clusterClient(), `test${sequence++}:`), true],
];

describe.each(batched)('many values in %s', (_name, create, needsRedis) => {
  const check = needsRedis && missing !== undefined ? test.skip : test;

  check('are read in the order that was asked for, and those that are not there are undefined', async () => {
    const store = create();
    await store.setMany([
      { key: 'a', value: Buffer.from([0, 255]), lifetimeMs: 60_000 },
      { key: 'b', value: Buffer.from('2'), lifetimeMs: 60_000 },
    ]);
    expect(await store.getMany(['b', 'absent', 'a'])).toEqual([Buffer.from('2'), undefined, Buffer.from([0, 255])]);
    expect(await store.get('a')).toEqual(Buffer.from([0, 255]));
  });

  check('may be more than one place holds', async () => {
    const store = create();
    const keys = Array.from({ length: 100 }, (_, index) => `key-${index}`);
    await store.setMany(keys.map((key) => ({ key, value: Buffer.from(key), lifetimeMs: 60_000 })));
    expect((await store.getMany(keys)).map(String)).toEqual(keys);
  });

  check('may be none', async () => {
    const store = create();
    await store.setMany([]);
    expect(await store.getMany([])).toEqual([]);
  });

  check('end each in its own time', async () => {
    const store = create();
    await store.setMany([
      { key: 'short', value: Buffer.from('1'), lifetimeMs: 50 },
      { key: 'long', value: Buffer.from('2'), lifetimeMs: 60_000 },
    ]);
    await eventually(async () => expect((await store.getMany(['short', 'long'])).map(Boolean)).toEqual([false, true]));
  });
});
