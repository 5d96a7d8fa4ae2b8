import { describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import {
  concurrencyPolicy,
  sumPolicy,
  windowPolicy,
  type LimitTrip,
  type RedisLimits,
} from '../../../service/limit/index.ts';
import { createBreaker } from '../../../service/resilience/index.ts';
import { eventually } from '../../support/eventually.ts';
import { startRedis, type TestRedis } from '../../support/redis.ts';
import { useRedis } from '../../support/stores.ts';
import { redisLimits } from '../stores.ts';

const { missing, client } = useRedis('limits in Redis');
const check = missing === undefined ? test : test.skip;
const own = windowPolicy('own', 1_000, 3_600_000, { logUpTo: 1_000 });
const global = windowPolicy('global', 100_000, 3_600_000, { scope: 'everyone' });

describe('limits in Redis', () => {
  check('decide all requests of one turn in one trip, up to 64', async () => {
    const trips: LimitTrip[] = [];
    const store = redisLimits(client(), { onTrip: (trip) => trips.push(trip) });
    const many = (count: number) =>
      Promise.all(Array.from({ length: count }, (_, request) => store.take(`caller-${request % 7}`, [own, global])));
    await many(64);
    expect(trips.map(({ requests, admitted }) => [requests, admitted])).toEqual([[64, 64]]);
    await many(150);
    expect(trips.map(({ requests }) => requests)).toEqual([64, 64, 64, 22]);
    const after = await store.take('caller-0', [own, global]);
    expect(after.remaining[1]).toBe(100_000 - 64 - 150 - 1);
  });

  check('tell each request of a trip what is left after it', async () => {
    const store = redisLimits(client());
    const verdicts = await Promise.all(Array.from({ length: 5 }, () => store.take('a', [own])));
    expect(verdicts.map(({ remaining }) => remaining[0])).toEqual([999, 998, 997, 996, 995]);
  });

  check('send the script once, then only its hash', async () => {
    const fresh = client().duplicate();
    try {
      await client().config('RESETSTAT');
      const store = redisLimits(fresh);
      for (let request = 0; request < 10; request++) await store.take('a', [own]);
      const stats = await client().info('commandstats');
      expect(stats).toMatch(/cmdstat_eval:calls=1,/);
      expect(stats).toMatch(/cmdstat_evalsha:calls=9,/);
    } finally {
      fresh.disconnect();
    }
  });

  check('go on when Redis forgets the script, and forget no request', async () => {
    const store = redisLimits(client());
    let left = 1_000;
    for (let round = 0; round < 20; round++) {
      if (round % 5 === 2) await client().script('FLUSH', 'SYNC');
      const verdicts = await Promise.all(Array.from({ length: 10 }, () => store.take('a', [own])));
      expect(verdicts.map(({ remaining }) => remaining[0])).toEqual(Array.from({ length: 10 }, () => --left));
    }
  });

  check('leave nothing behind in Redis once the window is over', async () => {
    const store = redisLimits(client(), { prefix: 'left-behind:' });
    await store.take('a', [
      windowPolicy('log', 5, 50),
      windowPolicy('counter', 5, 50, { logUpTo: 0 }),
      windowPolicy('shared', 5, 50, { scope: 'everyone' }),
    ]);
    expect(await client().keys('left-behind:*')).toHaveLength(3);
    await eventually(async () => expect(await client().keys('left-behind:*')).toEqual([]));
  });

  check('begin anew where a limit changes its kind', async () => {
    const options = { prefix: 'kinds:' };
    const before = redisLimits(client(), options);
    const after = redisLimits(client(), options);
    expect((await before.take('a', [windowPolicy('p', 1, 60_000)])).allowed).toBe(true);
    expect((await after.take('a', [windowPolicy('p', 1, 60_000, { logUpTo: 0 })])).allowed).toBe(true);
  });
});

describe('requests in flight that Redis counts', () => {
  const one = concurrencyPolicy('one', 1);

  check('count for as long as their process renews them', async () => {
    const [first, second] = [
      redisLimits(client(), { prefix: 'held:', holdLifetimeMs: 150 }),
      redisLimits(client(), { prefix: 'held:' }),
    ];
    const held = await first.take('a', [one]);
    const until = performance.now() + 600;
    while (performance.now() < until) expect((await second.take('a', [one])).allowed).toBe(false);
    held.release?.();
    await eventually(async () => expect((await second.take('a', [one])).allowed).toBe(true));
    first.close();
    second.close();
  });

  check('lapse when their process is gone', async () => {
    const dead = redisLimits(client(), { prefix: 'lapsed:', holdLifetimeMs: 150 });
    expect((await dead.take('a', [one])).allowed).toBe(true);
    dead.close();
    const store = redisLimits(client(), { prefix: 'lapsed:' });
    expect((await store.take('a', [one])).allowed).toBe(false);
    await eventually(async () => expect((await store.take('a', [one])).allowed).toBe(true));
    store.close();
  });
});

describe('amounts in a Redis that answers too late', () => {
  const tokens = sumPolicy('tokens', 100, 3_600_000, { lapseMs: 3_600_000 });
  const leftOf = async (store: RedisLimits): Promise<number | undefined> => {
    const { remaining, settle } = await store.reserve('a', [tokens], [1]);
    settle([0]);
    return remaining[0];
  };

  check('are settled once, and what nobody was told of is given back', async () => {
    const patient = redisLimits(client(), { prefix: 'late:' });
    const store = redisLimits(client(), { prefix: 'late:', timeoutMs: 60, holdLifetimeMs: 600 });
    const { settle } = await patient.reserve('a', [tokens], [60]);
    const own = await store.reserve('a', [tokens], [30]);
    await client().client('PAUSE', 250, 'ALL');
    own.settle([10]);
    await expect(store.reserve('a', [tokens], [5])).rejects.toThrow('did not answer');
    settle([40]);
    await eventually(async () => expect(await leftOf(patient)).toBe(49));
    store.close();
    patient.close();
  });
});

describe('limits in a Redis that fails', () => {
  async function withRedis(use: (server: TestRedis, connection: Redis) => Promise<void>): Promise<void> {
    const server = await startRedis();
    const connection = new Redis({ port: server.port, password: server.password, enableOfflineQueue: false });
    connection.on('error', () => undefined);
    try {
      await eventually(() => connection.ping());
      await use(server, connection);
    } finally {
      connection.disconnect();
      await server.stop();
    }
  }

  check('reject within the time limit while it is frozen, and at once while the breaker is open', () =>
    withRedis(async (server, connection) => {
      const breaker = createBreaker({
        name: 'redis',
        settings: {
          consecutiveFailures: 2,
          open: '60s',
          probes: 1,
          failureRate: '50%',
          slowCall: '1s',
          slowRate: '100%',
          window: '10s',
          minimumCalls: 100,
        },
      });
      const trips: LimitTrip[] = [];
      const store = redisLimits(connection, { timeoutMs: 50, breaker, onTrip: (trip) => trips.push(trip) });
      await store.take('a', [own]);
      server.freeze();
      const startedAt = performance.now();
      for (let request = 0; request < 2; request++)
        await expect(store.take('a', [own])).rejects.toThrow('Redis did not answer in 50 ms');
      expect(performance.now() - startedAt).toBeLessThan(2 * 50 + 150);
      expect(() => store.take('a', [own])).toThrow('redis is being left alone after failures');
      expect(trips.map(({ timeUs }) => timeUs === undefined)).toEqual([false, true, true]);
    }),
  );

  check('take back what it counted as in flight after nobody waited any more', () =>
    withRedis(async (server, connection) => {
      const store = redisLimits(connection, { timeoutMs: 20 });
      const one = concurrencyPolicy('one', 1);
      const warm = await store.take('a', [one]);
      warm.release?.();
      server.freeze();
      await expect(store.take('a', [one])).rejects.toThrow();
      server.thaw();
      await eventually(async () => {
        const verdict = await store.take('a', [one]);
        expect(verdict.allowed).toBe(true);
      }, 5_000);
    }),
  );

  check('reject while its memory is full, and count again once there is room', () =>
    withRedis(async (_server, connection) => {
      const store = redisLimits(connection);
      await connection.config('SET', 'maxmemory', '1');
      await expect(store.take('a', [own])).rejects.toThrow(/OOM|memory/);
      await connection.config('SET', 'maxmemory', '0');
      expect(await store.take('a', [own])).toMatchObject({ allowed: true, remaining: [999] });
    }),
  );
});
