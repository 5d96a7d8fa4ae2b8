import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { createRedisKeyValue } from '../../../service/store/redis-key-value.ts';
import { createSessions } from '../../../service/store/sessions.ts';
import { startAnsweringUpstream, type AnsweringUpstream } from '../../support/answering-upstream.ts';
import { eventually } from '../../support/eventually.ts';
import { startFaultProxy, type FaultProxy } from '../../support/fault-proxy.ts';
import { ask } from '../../support/gateway.ts';
import { believeForwarded, median, newCaller, NOWHERE, startProgram, timed } from '../../support/program.ts';
import type { GatewayProgram } from '../../support/program.ts';
import { redisMissing, startRedis, type TestRedis } from '../../support/redis.ts';

const missing = redisMissing();
if (missing !== undefined) console.warn(`skipped: faults of Redis: ${missing}`);

/** What a request may wait longer than usual while Redis fails. */
const PROMISED_MS = 60;
/** On a busy machine, for a single request. */
const ROOM_MS = 190;
const LIMIT = 20;
const VALUES = [
  'scaling.min=1',
  'limits.address=100000/s',
  'limits.key=100000/s',
  'limits.global.bucket.capacity=100000',
  `routes.search.limit=${LIMIT}/min`,
  'routes.chat.limit.window=2/min',
  'routes.chat.limit.whenStoreDown=open',
  'routes.login.limit.whenStoreDown=closed',
];
const CHAT = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hello' }] });
const LOGIN = JSON.stringify({ username: 'nobody', password: 'nothing' });
const JSON_TYPE = { 'content-type': 'application/json' };

(missing === undefined ? describe : describe.skip)('while Redis fails', () => {
  let redis: TestRedis;
  let client: Redis;
  let proxy: FaultProxy;
  let upstream: AnsweringUpstream;
  let gateway: GatewayProgram;
  let session: Readonly<Record<string, string>>;
  let asked = 0;
  let baseMemory = 0;

  beforeAll(async () => {
    [redis, upstream] = await Promise.all([startRedis(), startAnsweringUpstream()]);
    client = new Redis({ port: redis.port, password: redis.password });
    // A replica begins at once to copy what there is.
    await client.config('SET', 'repl-diskless-sync-delay', '0');
    proxy = await startFaultProxy(redis.port);
    gateway = await startProgram({
      values: VALUES,
      definition: believeForwarded,
      variables: {
        REDIS_URL: `redis://:${redis.password}@127.0.0.1:${proxy.port}/0`,
        UPSTREAM_ORIGIN: upstream.origin,
        WORKERS: '2',
      },
    });
    const sessions = createSessions({ store: createRedisKeyValue(client, 'sluice:'), lifetimeMs: 3_600_000 });
    session = { authorization: `Bearer ${(await sessions.create('alice')).token}` };
    await healthy();
    await Promise.all(Array.from({ length: 300 }, () => search(newCaller())));
    baseMemory = gateway.memory();
  });
  afterAll(async () => {
    client.disconnect();
    await gateway.stop();
    await Promise.all([proxy.close(), upstream.close()]);
    await redis.stop();
  });
  afterEach(async () => {
    proxy.set({ kind: 'none' });
    redis.thaw();
    await healthy();
    expect(await gateway.metric('gateway_worker_restarts_total')).toBe(0);
    expect(gateway.log()).not.toMatch(/unhandled|uncaught/i);
  });

  /** A search that no cache holds. */
  const search = (caller: Readonly<Record<string, string>>) =>
    ask(gateway.port, 'GET', `/v1/search?q=${asked++}`, caller);
  const searches = async (caller: Readonly<Record<string, string>>, requests: number) => {
    const answers = [];
    for (let request = 0; request < requests; request++) answers.push(await timed(() => search(caller)));
    return answers;
  };
  const admitted = (answers: readonly { readonly status: number }[]) =>
    answers.filter(({ status }) => status === 200).length;
  const readSession = (headers = session) => ask(gateway.port, 'GET', '/session', headers);
  const leftOf = ({ headers }: Awaited<ReturnType<typeof search>>) =>
    Number(/"search";r=(\d+)/.exec(String(headers.ratelimit))?.[1]);
  /** Both workers count in Redis together: what is left goes down with each answer of either. */
  async function healthy(): Promise<void> {
    await eventually(async () => {
      const answers = await searches(newCaller(), 4);
      expect(answers.map(leftOf)).toEqual([LIMIT - 1, LIMIT - 2, LIMIT - 3, LIMIT - 4]);
    }, 20_000);
  }

  test.each([
    ['is refused', () => proxy.set({ kind: 'refuse' })],
    ['is frozen', () => redis.freeze()],
    ['is black-holed', () => proxy.set({ kind: 'black-hole' })],
    ['takes 200 ms', () => proxy.set({ kind: 'delay', ms: 200 })],
  ])('and it %s, requests go on, hardly later, and each limit holds by its policy', async (_name, breakIt) => {
    const usual = median((await searches(newCaller(), 9)).map(({ ms }) => ms));
    const kept = () => ask(gateway.port, 'GET', `/v1/search?q=kept+${_name.replaceAll(' ', '+')}`, newCaller());
    for (let request = 0; request < 8; request++) await kept();
    const caller = newCaller();
    breakIt();

    const during = await searches(caller, 10);
    expect(during.map(({ status }) => status)).toEqual(during.map(() => 200));
    const times = during.map(({ ms }) => ms);
    expect(median(times)).toBeLessThan(usual + PROMISED_MS);
    expect(Math.max(...times)).toBeLessThan(usual + PROMISED_MS + ROOM_MS);

    // By its share: each of two workers admits half of the limit.
    const flood = await searches(caller, 3 * LIMIT);
    expect(admitted([...during, ...flood])).toBe(LIMIT);
    expect(flood.filter(({ status }) => status === 429)).toHaveLength(3 * LIMIT - (LIMIT - 10));
    // Open: as if there were none.
    const chats = [];
    for (let request = 0; request < 6; request++)
      chats.push(await ask(gateway.port, 'POST', '/v1/chat/completions', { ...caller, ...JSON_TYPE }, CHAT));
    expect(chats.map(({ status }) => status)).toEqual(chats.map(() => 200));
    // Closed: nobody.
    const login = await ask(gateway.port, 'POST', '/login', { ...caller, ...JSON_TYPE }, LOGIN);
    expect(login).toMatchObject({ status: 503, headers: { 'retry-after': expect.stringMatching(/^\d+$/) } });
    expect(login.text).toContain('limits-unavailable');

    // What is in memory is given from there.
    const calls = upstream.calls();
    const answers = [];
    for (let request = 0; request < 6; request++) answers.push(await kept());
    expect(answers.map(({ headers }) => headers['x-cache'])).toEqual(answers.map(() => 'HIT'));
    expect(upstream.calls()).toBe(calls);
  });

  test.each([
    ['refused', () => proxy.set({ kind: 'refuse' })],
    ['frozen', () => redis.freeze()],
  ])('and is %s, a session answers 503 with the time to wait, and lives on afterwards', async (_name, breakIt) => {
    expect((await readSession()).status).toBe(200);
    breakIt();
    for (let request = 0; request < 5; request++) {
      const answer = await timed(readSession);
      expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': expect.stringMatching(/^\d+$/) } });
      expect(answer.ms).toBeLessThan(PROMISED_MS + ROOM_MS);
    }
    proxy.set({ kind: 'none' });
    redis.thaw();
    await eventually(async () => expect((await readSession()).status).toBe(200));
    expect((await readSession({ authorization: 'Bearer sls_anything' })).status).toBe(401);
  });

  test('its scripts are flushed and nobody notices', async () => {
    const caller = newCaller();
    const before = await searches(caller, 3);
    await client.script('FLUSH');
    const after = await searches(caller, LIMIT);
    expect(admitted([...before, ...after])).toBe(LIMIT);
    expect(before.map(leftOf)).toEqual([LIMIT - 1, LIMIT - 2, LIMIT - 3]);
    expect(after.slice(0, 2).map(leftOf)).toEqual([LIMIT - 4, LIMIT - 5]);
  });

  test('it restarts with an empty memory, and the limits begin anew', async () => {
    const caller = newCaller();
    await searches(caller, 10);
    const empty = await startRedis();
    try {
      proxy.lead(empty.port);
      await eventually(async () => expect((await searches(caller, 1)).map(leftOf)).toEqual([LIMIT - 1]));
      await healthy();
    } finally {
      proxy.lead(redis.port);
      await empty.stop();
    }
  });

  test('it is out of memory: requests go on by the local share, and sessions are still read', async () => {
    await client.config('SET', 'maxmemory', '1');
    try {
      const answers = await searches(newCaller(), 3 * LIMIT);
      expect(admitted(answers)).toBe(LIMIT);
      expect(median(answers.map(({ ms }) => ms))).toBeLessThan(PROMISED_MS);
      for (let request = 0; request < 4; request++) expect((await readSession()).status).toBe(200);
    } finally {
      await client.config('SET', 'maxmemory', '0');
    }
  });

  test('it fails over to a replica: what was counted still counts', async () => {
    // A machine that stalls makes a command late, and one caller is counted for once by a worker alone.
    const callers = [newCaller(), newCaller(), newCaller()];
    const admittedOfEach = async (requests: number): Promise<number> => {
      const counts = [];
      for (const caller of callers) counts.push(admitted(await searches(caller, requests)));
      return median(counts);
    };
    const replica = await startRedis();
    const other = new Redis({ port: replica.port, password: replica.password });
    try {
      await other.config('SET', 'masterauth', redis.password);
      await other.replicaof('127.0.0.1', String(redis.port));
      await eventually(async () => expect(await other.info('replication')).toContain('master_link_status:up'));
      expect(await admittedOfEach(LIMIT - 2)).toBe(LIMIT - 2);
      await eventually(async () => expect(await other.dbsize()).toBe(await client.dbsize()));
      await other.replicaof('NO', 'ONE');
      proxy.lead(replica.port);
      await healthy();
      expect(await admittedOfEach(LIMIT)).toBe(2);
    } finally {
      other.disconnect();
      proxy.lead(redis.port);
      await replica.stop();
    }
  });

  test('the network forgets the connections to it, and new ones take their place', async () => {
    proxy.set({ kind: 'forget' });
    expect(admitted(await searches(newCaller(), 10))).toBe(10);
    await healthy();
    await eventually(async () => expect((await readSession()).status).toBe(200));
  });

  test('it is not there at the start: the gateway starts without it', async () => {
    const alone = await startProgram({
      values: VALUES,
      variables: { REDIS_URL: `redis://${NOWHERE}/0`, UPSTREAM_ORIGIN: upstream.origin, WORKERS: '2' },
    });
    try {
      const answers = [];
      for (let q = 0; q < 2 * LIMIT; q++) answers.push(await ask(alone.port, 'GET', `/v1/search?q=${q}`));
      expect(admitted(answers)).toBe(LIMIT);
    } finally {
      await alone.stop();
    }
  });

  test('and as soon as it is well again, memory returns to its base', async () => {
    redis.freeze();
    await Promise.all(Array.from({ length: 500 }, () => search(newCaller())));
    redis.thaw();
    await healthy();
    await eventually(() => expect(gateway.memory()).toBeLessThan(baseMemory + 80), 30_000);
  });
});
