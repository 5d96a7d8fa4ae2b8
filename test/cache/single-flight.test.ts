import { afterEach, describe, expect, test } from '@jest/globals';
import {
  createMemorySharedTier,
  createRedisSharedTier,
  SingleFlight,
  type SingleFlightOptions,
  type Trip,
} from '../../service/cache/index.ts';
import { connectSubscriber } from '../../service/store/redis-subscriber.ts';
import { connectRedis } from '../../service/store/redis.ts';
import { eventually } from '../support/eventually.ts';
import { redisMissing, startRedis } from '../support/redis.ts';

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

/** Flights of one process after the other, which share leases and what was kept. */
function processes(count: number, options: Partial<SingleFlightOptions> = {}) {
  const shared = createMemorySharedTier({ maxBytes: 1 << 20 });
  const kept = new Map<string, string>();
  const errors: unknown[] = [];
  const loads: { by: number; land: (text: string) => void; fail: (error: Error) => void; signal: AbortSignal }[] = [];
  const flights = Array.from(
    { length: count },
    () => new SingleFlight({ shared, leaseMs: 60_000, onError: (error) => errors.push(error), ...options }),
  );
  const trip = (by: number): Trip<string> => ({
    find: () => Promise.resolve(kept.get('k')),
    load: (signal) =>
      new Promise((resolve, reject) => {
        const land = (text: string): void => {
          kept.set('k', text);
          resolve(text);
        };
        loads.push({ by, land, fail: reject, signal });
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
  });
  const ask = (by: number, signal?: AbortSignal) => {
    const flight = flights[by];
    if (!flight) throw new Error(`there is no process ${by}`);
    return flight.run('k', trip(by), signal).answer;
  };
  const loading = (number: number) => eventually(() => expect(loads).toHaveLength(number), 5_000, 1);
  return { flights, ask, loads, loading, kept, errors, shared };
}

describe('a single flight', () => {
  test('fetches once for all who ask in all processes', async () => {
    // Nobody looks by himself: whoever waits goes on because he is told.
    const { ask, loads, loading } = processes(4, { pollMs: 60_000 });
    const answers = Array.from({ length: 400 }, (_, index) => ask(index % 4));
    await loading(1);
    loads[0]?.land('x');
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['x']));
    expect(loads).toHaveLength(1);
  });

  test('fetches nothing that another process has brought', async () => {
    const { ask, loads, kept } = processes(1);
    kept.set('k', 'there');
    expect(await ask(0)).toBe('there');
    expect(loads).toHaveLength(0);
  });

  test('names one leader', async () => {
    const flights = new SingleFlight({ leaseMs: 60_000, onError: () => undefined });
    const trip = { find: () => Promise.resolve(undefined), load: () => Promise.resolve('x') };
    const seats = [flights.run('k', trip), flights.run('k', trip)];
    expect(seats.map(({ leader }) => leader)).toEqual([true, false]);
    expect(flights.has('k')).toBe(true);
    await Promise.all(seats.map(({ answer }) => answer));
    expect(flights.has('k')).toBe(false);
  });

  test('that fails, fails for those who wait in its process; one other process leads next, then another', async () => {
    const { ask, loads, loading } = processes(3);
    const answers = [ask(0), ask(0), ask(1), ask(2)].map((answer) =>
      answer.catch((error: unknown) => (error as Error).message),
    );
    await loading(1);
    loads[0]?.fail(new Error('first'));
    expect(await Promise.all(answers.slice(0, 2))).toEqual(['first', 'first']);
    await loading(2);
    loads[1]?.land('x');
    expect(await Promise.all(answers.slice(2))).toEqual(['x', 'x']);
    expect(loads).toHaveLength(2);
  });

  test('whose failure is over is begun anew by the next who asks', async () => {
    const { ask, loads, loading } = processes(1);
    const failed = ask(0);
    await loading(1);
    loads[0]?.fail(new Error('first'));
    await expect(failed).rejects.toThrow('first');
    const next = ask(0);
    await loading(2);
    loads[1]?.land('x');
    expect(await next).toBe('x');
  });

  test('goes on for those who stay, is given up when nobody does, and then handed to another process', async () => {
    const { ask, loads, loading } = processes(2);
    const [first, second] = [new AbortController(), new AbortController()];
    const leavers = [ask(0, first.signal), ask(0, second.signal)].map((answer) => answer.catch(() => 'left'));
    await loading(1);
    const waiting = ask(1);
    first.abort(new Error('gone'));
    expect(await leavers[0]).toBe('left');
    expect(loads[0]?.signal.aborted).toBe(false);
    second.abort(new Error('gone'));
    expect(await leavers[1]).toBe('left');
    expect(loads[0]?.signal.aborted).toBe(true);
    await loading(2);
    expect(loads[1]?.by).toBe(1);
    loads[1]?.land('x');
    expect(await waiting).toBe('x');
  });

  test('is not joined by one who has left already', async () => {
    const { ask, loads } = processes(1);
    await expect(ask(0, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
    expect(loads).toHaveLength(0);
  });

  test('whose leader says nothing more delays nobody past its lease', async () => {
    const { ask, loads, loading } = processes(3, { leaseMs: 100, pollMs: 20 });
    const silent = ask(0).catch(() => undefined);
    await loading(1);
    const answers = [ask(1), ask(2)];
    await loading(2);
    loads[1]?.land('x');
    expect(await Promise.all(answers)).toEqual(['x', 'x']);
    expect(loads).toHaveLength(2);
    loads[0]?.land('y');
    await silent;
  });

  test('is left when two leases were waited for in vain', async () => {
    const clock = { now: 0 };
    const shared = createMemorySharedTier({ maxBytes: 1 });
    const busy = { ...shared.leases, take: () => ((clock.now += 60), Promise.resolve(100)) };
    const waiter = new SingleFlight({
      shared: { ...shared, leases: busy },
      leaseMs: 100,
      pollMs: 1,
      onError: () => undefined,
      now: () => clock.now,
    });
    const trip = { find: () => Promise.resolve(undefined), load: () => Promise.resolve('own') };
    expect(await waiter.run('k', trip).answer).toBe('own');
    expect(clock.now).toBe(240);
  });

  test("is this process's alone while nobody hands out leases", async () => {
    const shared = createMemorySharedTier({ maxBytes: 1 });
    const leases = { ...shared.leases, take: () => Promise.reject(new Error('down')) };
    const { ask, loads, loading, errors } = processes(1, { shared: { ...shared, leases } });
    const answers = [ask(0), ask(0), ask(0)];
    await loading(1);
    loads[0]?.land('x');
    expect(await Promise.all(answers)).toEqual(['x', 'x', 'x']);
    expect(errors).toHaveLength(1);
  });

  test('is noticed by those who wait although the message about it is lost', async () => {
    const shared = createMemorySharedTier({ maxBytes: 1 });
    const { ask, loads, loading } = processes(2, { shared: { ...shared, listen: () => undefined }, pollMs: 20 });
    const answers = [ask(0), ask(1)];
    await loading(1);
    loads[0]?.land('x');
    expect(await Promise.all(answers)).toEqual(['x', 'x']);
    expect(loads).toHaveLength(1);
  });
});

const missing = redisMissing();
if (missing !== undefined) console.warn(`skipped: flights over a frozen Redis: ${missing}`);

describe('a frozen Redis', () => {
  (missing === undefined ? test : test.skip)(
    'costs a miss one command timeout, and nothing is fetched twice',
    async () => {
      const server = await startRedis();
      const address = { host: '127.0.0.1', port: server.port, password: server.password, db: 0, tls: false };
      const redis = connectRedis({ address, commandTimeoutMs: 100, onStateChange: () => undefined });
      const subscriber = connectSubscriber({ address, commandTimeoutMs: 100, redis });
      closers.push(
        () => redis.disconnect(),
        () => subscriber.disconnect(),
      );
      await eventually(() => expect([redis.status, subscriber.status]).toEqual(['ready', 'ready']));
      const shared = createRedisSharedTier({ redis, subscriber, prefix: 'test:', onError: () => undefined });
      const errors: unknown[] = [];
      const flights = new SingleFlight({ shared, leaseMs: 60_000, onError: (error) => errors.push(error) });
      server.freeze();
      let loads = 0;
      const trip = {
        find: () =>
          shared.values.get('k').then(
            () => undefined,
            () => undefined,
          ),
        load: () => Promise.resolve(++loads),
      };
      const began = performance.now();
      expect(await Promise.all([1, 2, 3].map(() => flights.run('k', trip).answer))).toEqual([1, 1, 1]);
      expect(performance.now() - began).toBeLessThan(1_000);
      expect(errors.length).toBeGreaterThan(0);
      closers.splice(0).forEach((close) => close());
      await server.stop();
    },
  );
});
