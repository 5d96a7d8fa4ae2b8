import { describe, expect, test } from '@jest/globals';
import { createMemorySharedTier, startWarmUp, warmUp, type WarmUpOptions } from '../../service/cache/index.ts';
import { eventually } from '../support/eventually.ts';

const PATHS = Array.from({ length: 10 }, (_, index) => `/v1/search?q=${index}`);
const settings = { paths: PATHS, every: '1h', concurrency: 3 } as const;

function build(options: Partial<WarmUpOptions> = {}) {
  const lines: string[] = [];
  const fetched: string[] = [];
  const full: WarmUpOptions = {
    settings,
    leases: createMemorySharedTier({ maxBytes: 1 }).leases,
    fetch: (path) => (fetched.push(path), Promise.resolve(200)),
    log: (fields, message) => lines.push(`${message} ${JSON.stringify(fields)}`),
    onError: () => undefined,
    ...options,
  };
  return { full, lines, fetched };
}

describe('a round of the warm-up', () => {
  test('fetches every path once, no more at a time than it may', async () => {
    let running = 0;
    let most = 0;
    const { full, fetched } = build({
      fetch: async (path) => {
        fetched.push(path);
        most = Math.max(most, ++running);
        await Promise.resolve();
        running--;
        return 200;
      },
    });
    expect(await warmUp(full, new AbortController().signal)).toEqual({ done: 10, failed: 0, total: 10 });
    expect(fetched.sort()).toEqual(PATHS);
    expect(most).toBe(3);
  });

  test('goes on when a path fails, and says how many did', async () => {
    const { full, lines } = build({
      now: () => 0,
      fetch: (path) =>
        path.endsWith('1') ? Promise.reject(new Error('reset')) : Promise.resolve(path.endsWith('2') ? 503 : 200),
    });
    expect(await warmUp(full, new AbortController().signal)).toEqual({ done: 8, failed: 2, total: 10 });
    expect(lines).toEqual([
      'cache warm-up begins {"total":10,"concurrency":3}',
      'cache warm-up ends {"done":8,"failed":2,"total":10,"duration_ms":0}',
    ]);
  });

  test('tells of its progress once a second at most', async () => {
    const clock = { now: 0 };
    const { full, lines } = build({
      settings: { ...settings, concurrency: 1 },
      now: () => clock.now,
      fetch: () => ((clock.now += 400), Promise.resolve(200)),
    });
    await warmUp(full, new AbortController().signal);
    expect(lines.map((line) => /begins|ends|"done":\d+/.exec(line)?.[0])).toEqual([
      'begins',
      '"done":3',
      '"done":6',
      '"done":9',
      'ends',
    ]);
  });

  test('ends when it is told to', async () => {
    const stop = new AbortController();
    const { full, fetched } = build({
      settings: { ...settings, concurrency: 1 },
      fetch: (path) => (fetched.push(path), stop.abort(), Promise.resolve(200)),
    });
    expect((await warmUp(full, stop.signal)).done).toBe(1);
  });
});

describe('the warm-up', () => {
  test('is done by one process of many', async () => {
    const { leases } = createMemorySharedTier({ maxBytes: 1 });
    let asked = 0;
    const counted = {
      ...leases,
      take: (...given: Parameters<typeof leases.take>) => leases.take(...given).finally(() => asked++),
    };
    const builds = Array.from({ length: 3 }, () => build({ leases: counted }));
    const stops = builds.map(({ full }) => startWarmUp(full));
    const total = (): number => builds.reduce((sum, { fetched }) => sum + fetched.length, 0);
    await eventually(() => expect([asked, total()]).toEqual([3, 10]));
    stops.forEach((stop) => stop());
  });

  test('is done again as often as it is said', async () => {
    const { full, fetched } = build({ settings: { ...settings, every: '50ms' } });
    const stop = startWarmUp(full);
    await eventually(() => expect(fetched.length).toBeGreaterThanOrEqual(30));
    stop();
  });

  test('without paths does nothing', () => {
    const { full, lines } = build({ settings: { ...settings, paths: [] } });
    startWarmUp(full)();
    expect(lines).toEqual([]);
  });

  test('waits while nobody can say who does it', async () => {
    const errors: unknown[] = [];
    const { full, fetched } = build({
      leases: { take: () => Promise.reject(new Error('down')), release: () => Promise.resolve() },
      onError: (error) => errors.push(error),
    });
    const stop = startWarmUp(full);
    await eventually(() => expect(errors).toHaveLength(1));
    expect(fetched).toEqual([]);
    stop();
  });
});
