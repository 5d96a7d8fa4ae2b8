import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { whenReady, closeRedis, connectRedis, type RedisConnection } from '../../service/store/redis.ts';
import { redisMissing, startRedis, type TestRedis } from '../support/redis.ts';

const missing = redisMissing();
if (missing !== undefined) console.warn(`skipped: timeouts of Redis: ${missing}`);
const check = missing === undefined ? test : test.skip;
const TIMEOUT_MS = 50;

let server: TestRedis | undefined;
let redis: RedisConnection;

beforeAll(async () => {
  if (missing !== undefined) return;
  server = await startRedis();
  const { port, password } = server;
  redis = connectRedis({
    address: { host: '127.0.0.1', port, password, db: 0, tls: false },
    commandTimeoutMs: TIMEOUT_MS,
    onStateChange: () => undefined,
  });
  await whenReady(redis);
});
afterAll(async () => {
  if (!server) return;
  await closeRedis(redis, TIMEOUT_MS);
  await server.stop();
});

check('an answer that waited while this process stood still is in time', async () => {
  const answer = redis.ping();
  await new Promise((sent) => setImmediate(sent));
  const until = performance.now() + 4 * TIMEOUT_MS;
  while (performance.now() < until);
  await expect(answer).resolves.toBe('PONG');
});

check('an answer that does not come is given up in time', async () => {
  server?.freeze();
  try {
    const startedAt = performance.now();
    await expect(redis.ping()).rejects.toThrow('timed out');
    expect(performance.now() - startedAt).toBeLessThan(10 * TIMEOUT_MS);
  } finally {
    server?.thaw();
  }
});
