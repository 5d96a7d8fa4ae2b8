import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parseRedisAddress } from '../../service/store/redis-address.ts';
import { connectSubscriber } from '../../service/store/redis-subscriber.ts';
import { closeRedis, connectRedis, whenReady, type RedisConnection } from '../../service/store/redis.ts';
import { eventually } from '../support/eventually.ts';
import { startSentinels, type TestSentinels } from '../support/redis-sentinel.ts';
import { redisMissing } from '../support/redis.ts';

const missing = redisMissing();
if (missing !== undefined) console.warn(`skipped: connections by Sentinels: ${missing}`);

const COMMAND_TIMEOUT_MS = 100;
/** What a busy machine may add to it. */
const ROOM_MS = 900;
/** What is promised with the times of a cluster is 20 s; here a server counts as lost after one second. */
const FAILOVER_MS = 20_000;

(missing === undefined ? describe : describe.skip)('a connection by Sentinels', () => {
  let sentinels: TestSentinels;
  let redis: RedisConnection;
  let changes: string[] = [];
  let closers: (() => void)[] = [];

  const connect = async (address = sentinels.address): Promise<RedisConnection> => {
    const heard: string[] = [];
    changes = heard;
    const connection = connectRedis({
      address,
      commandTimeoutMs: COMMAND_TIMEOUT_MS,
      onStateChange: (state, reason) => heard.push(state === 'up' ? state : `${state}: ${reason?.message ?? ''}`),
    });
    closers.push(() => connection.disconnect());
    redis = connection;
    await whenReady(connection);
    return connection;
  };
  /** Sets a value as often as it takes; none of the attempts may take longer than a command's time. */
  const writeAgain = (key: string) =>
    eventually(async () => {
      const startedAt = performance.now();
      try {
        await redis.set(key, 'written');
      } finally {
        expect(performance.now() - startedAt).toBeLessThan(COMMAND_TIMEOUT_MS + ROOM_MS);
      }
    }, FAILOVER_MS);

  beforeAll(async () => {
    sentinels = await startSentinels();
  }, 60_000);
  beforeEach(() => connect().then(() => undefined), 30_000);
  afterEach(() => {
    closers.forEach((close) => close());
    closers = [];
  });
  afterAll(() => sentinels.stop());

  test('leads to the primary, and tells of no change', async () => {
    await redis.set('k', 'v');
    const primary = sentinels.connect(await sentinels.primary());
    closers.push(() => primary.disconnect());
    expect(await primary.get('k')).toBe('v');
    expect(changes).toEqual([]);
  });

  test('finds the primary that follows one that was killed, with what the replicas had', async () => {
    await redis.set('before', 'kept');
    await redis.call('WAIT', '2', '1000').catch(() => undefined);
    const old = await sentinels.primary();
    await sentinels.kill(old);
    try {
      await writeAgain('after');
      expect(await sentinels.primary()).not.toBe(old);
      expect(await redis.get('before')).toBe('kept');
      expect(changes.map((change) => change.split(':', 1)[0])).toEqual(['down', 'up']);
    } finally {
      await sentinels.revive(old);
    }
  }, 90_000);

  test('leaves a primary that is frozen for the one that takes its place, also when it is back', async () => {
    const old = await sentinels.primary();
    sentinels.freeze(old);
    try {
      await writeAgain('instead');
      expect(await sentinels.primary()).not.toBe(old);
    } finally {
      sentinels.thaw(old);
    }
    await sentinels.revive(old);
    expect(await redis.get('instead')).toBe('written');
  }, 90_000);

  test('leaves a primary that is demoted while all is well', async () => {
    const old = await sentinels.primary();
    await sentinels.failOver();
    await eventually(async () => expect(await sentinels.primary()).not.toBe(old));
    const next = sentinels.connect(await sentinels.primary());
    closers.push(() => next.disconnect());
    await eventually(async () => {
      await redis.set('moved', 'there');
      expect(await next.get('moved')).toBe('there');
    }, FAILOVER_MS);
    await sentinels.revive(old);
  }, 90_000);

  test('leaves a primary that nobody follows, because others may follow another', async () => {
    const primary = sentinels.connect(await sentinels.primary());
    closers.push(() => primary.disconnect());
    await primary.config('SET', 'min-replicas-to-write', '3');
    try {
      await expect(redis.set('k', 'v')).rejects.toThrow('NOREPLICAS');
      await eventually(() => expect(changes[0]).toMatch(/^down/));
    } finally {
      await primary.config('SET', 'min-replicas-to-write', '1');
    }
    await writeAgain('k');
  });

  test('closes in time although the primary does not answer', async () => {
    const primary = await sentinels.primary();
    sentinels.freeze(primary);
    try {
      const startedAt = performance.now();
      await closeRedis(redis, COMMAND_TIMEOUT_MS);
      expect(performance.now() - startedAt).toBeLessThan(COMMAND_TIMEOUT_MS + ROOM_MS);
    } finally {
      sentinels.thaw(primary);
    }
  });

  test('has a listener that hears the primary of the moment', async () => {
    const subscriber = connectSubscriber({ address: sentinels.address, commandTimeoutMs: COMMAND_TIMEOUT_MS, redis });
    closers.push(() => subscriber.disconnect());
    const heard: string[] = [];
    subscriber.on('message', (_channel, text) => heard.push(text));
    subscriber.on('ready', () => void subscriber.subscribe('news').catch(() => undefined));
    const old = await sentinels.primary();
    await sentinels.kill(old);
    try {
      await eventually(async () => {
        await redis.publish('news', 'from the next one');
        await eventually(() => expect(heard).toContain('from the next one'), 500);
      }, FAILOVER_MS);
    } finally {
      await sentinels.revive(old);
    }
  }, 90_000);

  test('of a group that no Sentinel knows is told to be down, and commands are refused', async () => {
    void connect(parseRedisAddress(sentinels.url.replace(/#.*/, '#other'), { port: 0, db: 0 }));
    await eventually(() => expect(changes[0]).toContain('sentinels are unreachable'));
    await expect(redis.get('k')).rejects.toThrow();
  });

  test('is found by the Sentinels that are left', async () => {
    await sentinels.killSentinel();
    await connect();
    await redis.set('k', 'v');
  }, 30_000);
});
