import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { createLocalStores } from '../../service/gateway/processes/local-stores.ts';
import { createPrimaryLink } from '../../service/gateway/processes/primary-link.ts';
import type { KeyValueStore } from '../../service/store/key-value.ts';
import { createMemoryKeyValue } from '../../service/store/memory-key-value.ts';
import { createRedisKeyValue } from '../../service/store/redis-key-value.ts';
import { createSessions } from '../../service/store/sessions.ts';
import { eventually } from '../support/eventually.ts';
import { redisMissing, startRedis, type TestRedis } from '../support/redis.ts';

const missing = redisMissing();
let server: TestRedis | undefined;
let redis: Redis | undefined;

beforeAll(async () => {
  if (missing !== undefined) {
    console.warn(`skipped: values in Redis: ${missing}`);
    return;
  }
  server = await startRedis();
  redis = new Redis({ port: server.port, password: server.password });
});
afterAll(async () => {
  redis?.disconnect();
  await server?.stop();
});

function linkedValues(): KeyValueStore {
  const stores = createLocalStores({ trackedCallers: 10, maxBytes: 1 << 20 });
  const link = createPrimaryLink((message) => {
    if (message.type !== 'calls') return;
    void Promise.all(message.calls.map(async ({ id, call }) => ({ id, answer: await stores(call) }))).then(
      link.receive,
    );
  });
  return link.values;
}

function redisValues(): KeyValueStore {
  if (!redis) throw new Error('no redis');
  return createRedisKeyValue(redis, `test${Math.random()}:`);
}

const implementations: readonly [name: string, create: () => KeyValueStore, needsRedis: boolean][] = [
  ['memory', () => createMemoryKeyValue({ maxBytes: 1 << 20 }), false],
  ['the primary', linkedValues, false],
  ['redis', redisValues, true],
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
