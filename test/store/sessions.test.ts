import { describe, expect, test } from '@jest/globals';
import { createMemoryKeyValue } from '../../service/store/memory-key-value.ts';
import type { KeyValueStore } from '../../service/store/key-value.ts';
import { createRedisKeyValue } from '../../service/store/redis-key-value.ts';
import { createSessions, type SessionOptions, type Sessions } from '../../service/store/sessions.ts';
import { localLink, useRedis } from '../support/stores.ts';

const { missing, client } = useRedis('sessions in Redis');
let sequence = 0;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const implementations: readonly [name: string, create: () => KeyValueStore, needsRedis: boolean][] = [
  ['memory', () => createMemoryKeyValue({ maxBytes: 1 << 20 }), false],
  ['the primary', () => localLink().values, false],
  ['redis', () => createRedisKeyValue(client(), `test${sequence++}:`), true],
];

/** A store that tells what is written and can be made to wait before it writes. */
function watched(inner: KeyValueStore) {
  const writes: { key: string; value: Buffer; lifetimeMs: number }[] = [];
  let reads = 0;
  let gate: Promise<void> | undefined;
  const store: KeyValueStore = {
    get: (key) => (reads++, inner.get(key)),
    async set(key, value, lifetimeMs) {
      writes.push({ key, value, lifetimeMs });
      await gate;
      return inner.set(key, value, lifetimeMs);
    },
    delete: (key) => inner.delete(key),
  };
  return {
    store,
    writes,
    reads: () => reads,
    /** Holds back every write that begins from here on; gives what lets them go. */
    holdWrites(): () => void {
      let open = (): void => undefined;
      gate = new Promise<void>((resolve) => {
        open = () => {
          gate = undefined;
          resolve();
        };
      });
      return open;
    },
  };
}

/** Sessions of an hour with a clock that the test moves. */
function sessionsAt(store: KeyValueStore, options: Partial<SessionOptions> = {}) {
  const clock = { time: 1_000_000 };
  const sessions = createSessions({ store, lifetimeMs: HOUR, now: () => clock.time, ...options });
  return { sessions, clock };
}

describe.each(implementations)('sessions in %s', (_name, create, needsRedis) => {
  const check = needsRedis && missing !== undefined ? test.skip : test;

  check('are found by their token until they are ended', async () => {
    const { sessions } = sessionsAt(create());
    const { token, expiresAt, latestEnd } = await sessions.create('alice');

    expect(token).toMatch(/^sls_[\w-]{76}$/);
    expect(expiresAt).toEqual(new Date(1_000_000 + HOUR));
    expect(latestEnd).toEqual(expiresAt);
    expect(await sessions.find(token)).toEqual({ owner: 'alice', expiresAt });
    expect(await sessions.read(token)).toEqual({ owner: 'alice', expiresAt, data: {} });
    await sessions.end(token);
    await sessions.end(token);
    expect(await sessions.find(token)).toBeUndefined();
  });

  check('leave neither a token nor anything that opens a session in the store', async () => {
    const { store, writes } = watched(create());
    const { sessions } = sessionsAt(store);
    const { token } = await sessions.create('alice');

    const kept = writes.map(({ key, value }) => key + value.toString('latin1')).join();
    expect(kept).not.toContain(token);
    expect(kept).not.toContain(token.slice(-44));
  });

  check('keep data that an update replaces, and their end', async () => {
    const { sessions, clock } = sessionsAt(create());
    const { token, expiresAt } = await sessions.create('alice');
    clock.time += 30 * MINUTE;

    expect(await sessions.update(token, { theme: 'dark', page: '3' })).toEqual({ owner: 'alice', expiresAt });
    await sessions.update(token, { theme: 'light' });

    expect(await sessions.read(token)).toEqual({ owner: 'alice', expiresAt, data: { theme: 'light' } });
    clock.time = expiresAt.getTime();
    expect(await sessions.read(token)).toBeUndefined();
    expect(await sessions.update(token, {})).toBeUndefined();
    expect(await sessions.rotate(token)).toBeUndefined();
  });

  check('get a new token by rotation: the old one is worthless, data and end stay', async () => {
    const { sessions, clock } = sessionsAt(create());
    const first = await sessions.create('alice');
    await sessions.update(first.token, { theme: 'dark' });
    clock.time += MINUTE;

    const second = await sessions.rotate(first.token);

    expect(second).toEqual({ ...first, token: expect.not.stringMatching(first.token) });
    for (const call of ['find', 'read', 'rotate'] as const) expect(await sessions[call](first.token)).toBeUndefined();
    expect(await sessions.update(first.token, { theme: 'stolen' })).toBeUndefined();
    await sessions.end(first.token);
    expect(await sessions.read(second?.token ?? '')).toMatchObject({ owner: 'alice', data: { theme: 'dark' } });
  });

  check('have one valid token, however many rotations run at once', async () => {
    const { sessions } = sessionsAt(create());
    const { token } = await sessions.create('alice');

    const issued = await Promise.all(Array.from({ length: 10 }, () => sessions.rotate(token)));

    const tokens = [token, ...issued.map((each) => each?.token ?? '')];
    const found = await Promise.all(tokens.map((each) => sessions.find(each)));
    expect(found.filter((session) => session !== undefined)).toHaveLength(1);
  });

  check('of one user end together, and those of others and later ones do not', async () => {
    const { sessions } = sessionsAt(create());
    const [one, two, other] = await Promise.all(['alice', 'alice', 'bob'].map((owner) => sessions.create(owner)));

    await sessions.endAll('alice');
    const later = await sessions.create('alice');

    const owners = async (...issued: ({ token: string } | undefined)[]) =>
      (await Promise.all(issued.map((each) => sessions.find(each?.token ?? '')))).map((session) => session?.owner);
    expect(await owners(one, two, other, later)).toEqual([undefined, undefined, 'bob', 'alice']);
    await sessions.endAll('alice');
    expect(await owners(other, later)).toEqual(['bob', undefined]);
  });

  check.each<[what: string, write: (sessions: Sessions, token: string) => Promise<unknown>]>([
    ['an update', (sessions, token) => sessions.update(token, { theme: 'dark' })],
    ['a rotation', (sessions, token) => sessions.rotate(token)],
    ['a use', (sessions, token) => sessions.find(token)],
  ])('stay ended when %s that began before writes after', async (_what, write) => {
    const { store, writes, holdWrites } = watched(create());
    const { sessions, clock } = sessionsAt(store, { renewal: 'sliding', maxLifetimeMs: 10 * HOUR });
    const { token } = await sessions.create('alice');
    clock.time += 30 * MINUTE;
    const before = writes.length;
    const release = holdWrites();

    const late = write(sessions, token);
    // The writer has seen the session and is about to write.
    while (writes.length === before) await new Promise((turn) => setImmediate(turn));
    await sessions.end(token);
    release();
    const result = await late;

    const tokens = [token, (result as { token?: string } | undefined)?.token ?? token];
    for (const each of tokens) expect(await sessions.find(each)).toBeUndefined();
  });
});

describe('sliding sessions', () => {
  const sliding = { renewal: 'sliding', maxLifetimeMs: 3 * HOUR } as const;

  test('live as long as they are used, up to the longest life', async () => {
    const { sessions, clock } = sessionsAt(createMemoryKeyValue({ maxBytes: 1 << 20 }), sliding);
    const { token, expiresAt, latestEnd } = await sessions.create('alice');
    expect([expiresAt, latestEnd]).toEqual([new Date(1_000_000 + HOUR), new Date(1_000_000 + 3 * HOUR)]);

    for (const minutes of [50, 100, 150]) {
      clock.time = 1_000_000 + minutes * MINUTE;
      const end = Math.min(clock.time + HOUR, 1_000_000 + 3 * HOUR);
      expect(await sessions.find(token)).toEqual({ owner: 'alice', expiresAt: new Date(end) });
    }
    clock.time = 1_000_000 + 3 * HOUR;
    expect(await sessions.find(token)).toBeUndefined();
  });

  test('end when they are not used, also by an update that came too late', async () => {
    const { sessions, clock } = sessionsAt(createMemoryKeyValue({ maxBytes: 1 << 20 }), sliding);
    const { token } = await sessions.create('alice');
    clock.time += HOUR;
    expect(await sessions.update(token, {})).toBeUndefined();
    expect(await sessions.find(token)).toBeUndefined();
  });

  test('are written at most once a minute, however often they are used at once', async () => {
    const { store, writes } = watched(createMemoryKeyValue({ maxBytes: 1 << 20 }));
    const { sessions, clock } = sessionsAt(store, sliding);
    const { token } = await sessions.create('alice');
    const before = writes.length;

    for (let second = 0; second < 150; second++) {
      clock.time += 1_000;
      await Promise.all([sessions.find(token), sessions.find(token), sessions.find(token)]);
    }

    expect(writes.length - before).toBe(2);
  });

  test('stay valid when their use cannot be written down', async () => {
    const inner = createMemoryKeyValue({ maxBytes: 1 << 20 });
    let full = false;
    const store: KeyValueStore = {
      ...inner,
      set: (...args) => (full ? Promise.reject(new Error('OOM command not allowed')) : inner.set(...args)),
    };
    const { sessions, clock } = sessionsAt(store, sliding);
    const { token, expiresAt } = await sessions.create('alice');
    full = true;
    clock.time += 30 * MINUTE;

    expect(await sessions.find(token)).toEqual({ owner: 'alice', expiresAt });
  });

  test('lose what using them won when the service goes back to fixed ones', async () => {
    const store = createMemoryKeyValue({ maxBytes: 1 << 20 });
    const { sessions, clock } = sessionsAt(store, sliding);
    const { token } = await sessions.create('alice');
    clock.time += 50 * MINUTE;
    await sessions.find(token);
    clock.time += 20 * MINUTE;

    const fixed = createSessions({ store, lifetimeMs: HOUR, now: () => clock.time });
    expect(await sessions.find(token)).toBeDefined();
    expect(await fixed.find(token)).toBeUndefined();
  });
});

test('what is no token of a session costs no trip to the store', async () => {
  const { store, reads } = watched(createMemoryKeyValue({ maxBytes: 1 << 20 }));
  const { sessions } = sessionsAt(store);
  const { token } = await sessions.create('alice');
  const before = reads();

  for (const wrong of [
    '',
    'sls_',
    token.slice(1),
    `${token}x`,
    token.replace('sls_', 'slu_'),
    `${token.slice(0, -1)}=`,
  ])
    expect(await sessions.find(wrong)).toBeUndefined();

  expect(reads()).toBe(before);
});

test('a token with parts of two sessions opens neither', async () => {
  const { sessions } = sessionsAt(createMemoryKeyValue({ maxBytes: 1 << 20 }));
  const [one, two] = await Promise.all([sessions.create('alice'), sessions.create('alice')]);

  for (const cut of [16, 36]) {
    expect(await sessions.find(one.token.slice(0, cut) + two.token.slice(cut))).toEqual(
      // Of one user, the first part is the same.
      cut === 16 ? expect.objectContaining({ owner: 'alice' }) : undefined,
    );
  }
  const eve = await sessions.create('eve');
  expect(await sessions.find(one.token.slice(0, 16) + eve.token.slice(16))).toBeUndefined();
});

test('a store that forgets what was not asked for longest brings no ended session back', async () => {
  for (let between = 0; between < 20; between++) {
    for (let after = 0; after < 60; after += 2) {
      const store = createMemoryKeyValue({ maxBytes: 20_000 });
      const fill = async (from: number, count: number): Promise<void> => {
        for (let item = from; item < from + count; item++) await store.set(`item${item}`, Buffer.alloc(300), HOUR);
      };
      const { sessions } = sessionsAt(store);
      const { token } = await sessions.create('alice');
      await fill(0, 30);
      await sessions.endAll('alice');
      await fill(100, between);
      const ended = await sessions.find(token);
      await fill(200, after);
      expect([between, after, ended, await sessions.find(token)]).toEqual([between, after, undefined, undefined]);
    }
  }
});

test('a store that does not answer is told, not taken for a session that is over', async () => {
  const failing = (): Promise<never> => Promise.reject(new Error('no answer'));
  const { sessions } = sessionsAt({ get: failing, set: failing, delete: failing });
  const { token } = await sessionsAt(createMemoryKeyValue({ maxBytes: 1 << 20 })).sessions.create('alice');

  await expect(sessions.find(token)).rejects.toThrow('no answer');
  await expect(sessions.create('alice')).rejects.toThrow('no answer');
  await expect(sessions.endAll('alice')).rejects.toThrow('no answer');
});
