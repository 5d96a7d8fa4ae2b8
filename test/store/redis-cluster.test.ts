import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Cluster, type Redis } from 'ioredis';
import { connectSubscriber } from '../../service/store/redis-subscriber.ts';
import { closeRedis, connectRedis, whenReady, type RedisConnection } from '../../service/store/redis.ts';
import { eventually } from '../support/eventually.ts';
import { startCluster, type TestCluster } from '../support/redis-cluster.ts';
import { redisMissing } from '../support/redis.ts';

const missing = redisMissing();
if (missing !== undefined) console.warn(`skipped: connections to a Redis Cluster: ${missing}`);

const COMMAND_TIMEOUT_MS = 100;
/** What a busy machine may add to it. */
const ROOM_MS = 900;
/** Enough to be on every node. */
const KEYS = Array.from({ length: 60 }, (_, index) => `key-${index}`);

(missing === undefined ? describe : describe.skip)('a connection to a Redis Cluster', () => {
  let cluster: TestCluster;
  let redis: RedisConnection;
  let changes: string[] = [];
  const closers: (() => void)[] = [];

  const connect = async (address = cluster.seed): Promise<RedisConnection> => {
    changes = [];
    const heard = changes;
    redis = connectRedis({
      address,
      cluster: true,
      commandTimeoutMs: COMMAND_TIMEOUT_MS,
      onStateChange: (state, reason) => heard.push(state === 'up' ? state : `${state}: ${reason?.message ?? ''}`),
    });
    closers.push(() => redis.disconnect());
    await whenReady(redis);
    return redis;
  };
  const askAll = async () => {
    const startedAt = performance.now();
    const answers = await Promise.allSettled(KEYS.map((key) => redis.get(key)));
    const failures = answers.filter(({ status }) => status === 'rejected').length;
    return { failures, ms: performance.now() - startedAt };
  };
  const whole = () => eventually(async () => expect((await askAll()).failures).toBe(0), 25_000);

  beforeAll(async () => {
    cluster = await startCluster();
  }, 30_000);
  afterEach(() => closers.splice(0).forEach((close) => close()));
  afterAll(() => cluster.stop());

  test('reaches every node from one, at once when it is ready, and tells of no change', async () => {
    await connect();
    expect(await askAll()).toMatchObject({ failures: 0 });
    expect((redis as Cluster).nodes('master')).toHaveLength(3);
    expect(changes).toEqual([]);
  });

  test.each([
    ['is gone', (place: number) => cluster.kill(place), (place: number) => cluster.revive(place)],
    ['is frozen', (place: number) => cluster.freeze(place), (place: number) => cluster.thaw(place)],
  ])(
    'loses what one node has while it %s, in time, tells so once, and tells once that it is back',
    async (_, end, begin) => {
      await connect();
      await end(1);
      try {
        for (let round = 0; round < 20; round++) {
          const { failures, ms } = await askAll();
          expect(failures).toBeLessThan(KEYS.length);
          expect(ms).toBeLessThan(COMMAND_TIMEOUT_MS + ROOM_MS);
        }
        await eventually(() => expect(changes).toHaveLength(1));
        expect(changes[0]).toContain(`down: node 127.0.0.1:${cluster.ports[1] ?? 0}: `);
      } finally {
        await begin(1);
      }
      await whole();
      await eventually(() => expect(changes.slice(1)).toEqual(['up']));
    },
    60_000,
  );

  test('without any node refuses each command at once, and recovers by itself', async () => {
    await connect();
    for (const place of [0, 1, 2]) await cluster.kill(place);
    try {
      await eventually(() => expect(redis.status).not.toBe('ready'));
      expect(await askAll()).toMatchObject({ failures: KEYS.length });
    } finally {
      for (const place of [0, 1, 2]) await cluster.revive(place);
    }
    await whole();
    await eventually(() => expect(changes.at(-1)).toBe('up'));
  }, 60_000);

  test('to an address at which nothing listens tells so once and refuses commands', async () => {
    void connect({ ...cluster.seed, port: 1 });
    await eventually(() => expect(changes).toHaveLength(1));
    expect(changes[0]).toMatch(/^down: ./);
    await expect(redis.get('k')).rejects.toThrow('ready');
  });

  test('closes in time although a node does not answer', async () => {
    await connect();
    await cluster.freeze(2);
    try {
      await closeRedis(redis, COMMAND_TIMEOUT_MS);
      await eventually(() => expect(redis.status).toBe('end'));
    } finally {
      await cluster.thaw(2);
    }
  });

  test('has a listener that hears all nodes, and goes to another when its own is gone', async () => {
    await connect();
    await whole();
    const subscriber = connectSubscriber({ address: cluster.seed, commandTimeoutMs: COMMAND_TIMEOUT_MS, redis });
    closers.push(() => subscriber.disconnect());
    const heard: string[] = [];
    subscriber.on('message', (_channel, text) => heard.push(text));
    subscriber.on('ready', () => void subscriber.subscribe('news').catch(() => undefined));
    const hearsAll = async (text: string, nodes: readonly Redis[]) => {
      await eventually(async () => {
        heard.length = 0;
        for (const [place, node] of nodes.entries()) await node.publish('news', `${text}-${place}`);
        await eventually(() => expect(heard).toEqual(nodes.map((_, place) => `${text}-${place}`)), 500);
      });
    };
    await hearsAll('whole', (redis as Cluster).nodes());
    await cluster.kill(0);
    try {
      await eventually(() => expect(subscriber.options.port).not.toBe(cluster.seed.port));
      const left = (redis as Cluster).nodes().filter(({ options: { port } }) => port !== cluster.seed.port);
      await hearsAll('less', left);
    } finally {
      await cluster.revive(0);
    }
    await whole();
  }, 60_000);
});
