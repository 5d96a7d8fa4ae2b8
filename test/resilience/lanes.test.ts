import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Lane } from '../../service/definition/index.ts';
import { createLanes, type LanesOptions, type Permit, type Refusal } from '../../service/resilience/index.ts';
import { laneSettings } from './lane-settings.ts';
import { seeded } from './seeded.ts';

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
});
afterEach(() => {
  jest.useRealTimers();
});

function create(settings: Parameters<typeof laneSettings>[0] = {}, options: Partial<LanesOptions> = {}) {
  const shed: string[] = [];
  const lanes = createLanes({
    settings: laneSettings(settings),
    onShed: (lane, reason) => shed.push(`${lane} ${reason}`),
    random: () => 0,
    ...options,
  });
  const enter = (lane: Lane, signal = new AbortController().signal, upstream = false) =>
    lanes.enter(lane, () => signal, upstream);
  const take = (lane: Lane, signal?: AbortSignal, upstream?: boolean): Permit => {
    const entry = enter(lane, signal, upstream);
    if ('reason' in entry) throw new Error(`refused: ${entry.reason}`);
    return entry;
  };
  const refused = (lane: Lane): Refusal => {
    const entry = enter(lane);
    if (!('reason' in entry)) throw new Error('was let in');
    return entry;
  };
  const fill = (lane: Lane, count: number): Permit[] => Array.from({ length: count }, () => take(lane));
  const call = (lane: Lane): Permit => take(lane, undefined, true);
  return { lanes, shed, enter, take, refused, fill, call };
}

/** What has become of a request's turn so far. */
function follow(permit: Permit): { now: () => Promise<string> } {
  let state = permit.turn ? 'waiting' : 'working';
  permit.turn?.then(
    (refusal) => (state = refusal ? `refused: ${refusal.reason}` : 'working'),
    (reason: unknown) => (state = `failed: ${(reason as Error).message}`),
  );
  return { now: () => Promise.resolve().then(() => state) };
}

describe('a request', () => {
  test('begins at once where its lane has room, without asking for its signal', () => {
    const { lanes } = create();
    const entry = lanes.enter('critical', () => {
      throw new Error('asked');
    });
    expect('reason' in entry ? entry : entry.turn).toBeUndefined();
    expect(lanes.measure()).toEqual({
      inFlight: 1,
      streams: 0,
      lanes: { critical: { working: 1, waiting: 0, limit: 2 }, background: { working: 0, waiting: 0, limit: 1 } },
    });
  });

  test('waits beyond that, and is served in the order of arrival', async () => {
    const { take, fill } = create();
    const [first] = fill('critical', 2);
    const [next, after] = [follow(take('critical')), follow(take('critical'))];
    expect([await next.now(), await after.now()]).toEqual(['waiting', 'waiting']);
    first?.release();
    expect([await next.now(), await after.now()]).toEqual(['working', 'waiting']);
  });

  test('is refused where the queue is full and the newest is dropped', () => {
    const { refused, fill, shed } = create();
    fill('critical', 5);
    expect(refused('critical')).toEqual({ lane: 'critical', reason: 'queue-full', retryAfterSeconds: 1 });
    expect(shed).toEqual(['critical queue-full']);
  });

  test('takes the place of the oldest where that is dropped', async () => {
    const { lanes, take, fill, shed } = create();
    fill('background', 1);
    const waiting = Array.from({ length: 4 }, () => follow(take('background')));
    expect(await Promise.all(waiting.map((one) => one.now()))).toEqual([
      'refused: displaced',
      'waiting',
      'waiting',
      'waiting',
    ]);
    expect(shed).toEqual(['background displaced']);
    expect(lanes.measure().inFlight).toBe(4);
  });

  test('never waits where there is no queue, whoever is dropped', () => {
    const { refused, fill } = create({ critical: { queue: 0 }, background: { queue: 0 } });
    fill('critical', 2);
    fill('background', 1);
    expect(refused('critical').reason).toBe('queue-full');
    expect(refused('background').reason).toBe('queue-full');
  });

  test('waits no longer than it may', async () => {
    const { take, fill, lanes } = create({ critical: { maxWait: '2s' } });
    fill('critical', 2);
    const first = follow(take('critical'));
    jest.advanceTimersByTime(1_000);
    const second = follow(take('critical'));
    jest.advanceTimersByTime(999);
    expect(await first.now()).toBe('waiting');
    jest.advanceTimersByTime(1);
    expect([await first.now(), await second.now()]).toEqual(['refused: max-wait', 'waiting']);
    jest.advanceTimersByTime(1_000);
    expect(await second.now()).toBe('refused: max-wait');
    expect(lanes.measure().lanes.critical).toEqual({ working: 2, waiting: 0, limit: 2 });
  });

  test('gets no turn after that, even where a timer comes late', async () => {
    let now = 0;
    const { take, fill } = create({}, { now: () => now });
    const [first] = fill('critical', 2);
    const waiting = follow(take('critical'));
    now = 5_000;
    first?.release();
    expect(await waiting.now()).toBe('refused: max-wait');
  });

  test('that is aborted leaves the queue at once, from anywhere in it', async () => {
    const { lanes, take, fill } = create();
    const [first] = fill('critical', 2);
    const abort = new AbortController();
    const waiting = [take('critical'), take('critical', abort.signal), take('critical')];
    const states = waiting.map(follow);
    abort.abort(new DOMException('The client left', 'AbortError'));
    expect(lanes.measure()).toMatchObject({ inFlight: 4, lanes: { critical: { waiting: 2 } } });
    expect(await states[1]?.now()).toBe('failed: The client left');
    waiting[1]?.release();
    first?.release();
    expect(await states[0]?.now()).toBe('working');
    waiting[0]?.release();
    expect(await states[2]?.now()).toBe('working');
  });

  test('that was aborted before it could wait takes nothing', () => {
    const { lanes, take, fill, shed } = create();
    fill('background', 4);
    expect(() => take('background', AbortSignal.abort(new Error('left')))).toThrow('left');
    expect(lanes.measure().inFlight).toBe(4);
    expect(shed).toEqual([]);
  });

  test('that is aborted at work keeps its place until the work is over', () => {
    const { lanes, take, fill } = create();
    fill('critical', 1);
    const abort = new AbortController();
    const permit = take('critical', abort.signal);
    abort.abort();
    expect(lanes.measure().lanes.critical.working).toBe(2);
    permit.release();
    permit.release();
    expect(lanes.measure().lanes.critical.working).toBe(1);
  });

  test('that is over while it waits gives its place back', async () => {
    const { lanes, take, fill } = create();
    fill('critical', 2);
    const permit = take('critical');
    const state = follow(permit);
    permit.release();
    permit.release();
    expect(await state.now()).toBe('failed: The request is over');
    expect(lanes.measure().inFlight).toBe(2);
  });
});

describe('the lanes together', () => {
  test('let as many in as may be in flight, at work or waiting, then refuse', () => {
    const { refused, fill, lanes } = create({ maxInFlight: 200, critical: { concurrency: 150, queue: 200 } });
    fill('critical', 200);
    expect(refused('critical').reason).toBe('in-flight');
    expect(lanes.measure()).toMatchObject({ inFlight: 200, lanes: { critical: { working: 150, waiting: 50 } } });
  });

  test('refuse background before critical', () => {
    const { refused, fill } = create({ maxInFlight: 10, critical: { concurrency: 10 } });
    fill('critical', 8);
    expect(refused('background').reason).toBe('in-flight');
    fill('critical', 2);
    expect(refused('critical').reason).toBe('in-flight');
  });

  test.each([
    ['oldest', ['refused: displaced', 'waiting']],
    ['newest', ['waiting', 'refused: displaced']],
  ] as const)('have a waiting background request, the %s, give way to a critical one', async (drop, expected) => {
    const { take, fill, lanes } = create({ maxInFlight: 10, critical: { concurrency: 10 }, background: { drop } });
    fill('background', 1);
    const waiting = [follow(take('background')), follow(take('background'))];
    fill('critical', 7);
    expect(take('critical').turn).toBeUndefined();
    expect([await waiting[0]?.now(), await waiting[1]?.now()]).toEqual(expected);
    expect(lanes.measure().inFlight).toBe(10);
  });

  test('keep a flood of background from delaying or refusing what critical has room for', () => {
    const { enter, fill, lanes } = create({
      maxInFlight: 200,
      critical: { concurrency: 160, queue: 200 },
      background: { concurrency: 40, queue: 200 },
    });
    for (let request = 0; request < 1_000; request++) enter('background');
    expect(fill('critical', 160).every(({ turn }) => turn === undefined)).toBe(true);
    expect(lanes.measure().inFlight).toBe(200);
  });

  test('leave critical a fifth even where background could work on more', () => {
    const { enter, fill } = create({
      maxInFlight: 100,
      critical: { concurrency: 100 },
      background: { concurrency: 100, queue: 100 },
    });
    for (let request = 0; request < 1_000; request++) enter('background');
    expect(fill('critical', 20).every(({ turn }) => turn === undefined)).toBe(true);
  });

  test('share what is said of a pod among its workers, rounded down, and at least one', () => {
    const settings = { maxInFlight: 200, maxStreams: 2, critical: { concurrency: 100, queue: 2 } };
    const { refused, fill, lanes } = create(settings, { workers: 3 });
    expect(lanes.measure().lanes).toMatchObject({ critical: { limit: 33 }, background: { limit: 1 } });
    const permits = fill('critical', 33);
    expect(refused('critical').reason).toBe('queue-full');
    expect(permits[0]?.becomeStream()).toBeUndefined();
    expect(permits[1]?.becomeStream()).toMatchObject({ reason: 'streams' });
  });
});

describe('requests that call the upstream', () => {
  const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

  test('work on their share of the lane at most; beyond it they wait, and whoever needs no upstream does not', async () => {
    const { call, take, lanes } = create({ critical: { concurrency: 10, upstream: '80%', queue: 10 } });
    const calling = times(8, () => call('critical'));
    const waiting = times(2, () => follow(call('critical')));
    expect(take('critical').turn).toBeUndefined();
    expect(lanes.measure().lanes.critical).toEqual({ working: 9, waiting: 2, limit: 10 });
    calling[0]?.release();
    expect([await waiting[0]?.now(), await waiting[1]?.now()]).toEqual(['working', 'waiting']);
  });

  test('block nobody who stands behind them in the queue and needs no upstream', async () => {
    const { call, take, fill } = create({ critical: { concurrency: 4, upstream: '50%', queue: 10 } });
    const calling = times(2, () => call('critical'));
    const [quick] = fill('critical', 2);
    const caller = follow(call('critical'));
    const behind = follow(take('critical'));
    quick?.release();
    expect([await caller.now(), await behind.now()]).toEqual(['waiting', 'working']);
    calling[0]?.release();
    expect(await caller.now()).toBe('working');
  });

  test('have their turn in the order of all while their share has room', async () => {
    const { call, take, fill } = create({ critical: { concurrency: 2, upstream: '50%', queue: 10 } });
    const [quick] = fill('critical', 2);
    const [caller, behind] = [follow(call('critical')), follow(take('critical'))];
    quick?.release();
    expect([await caller.now(), await behind.now()]).toEqual(['working', 'waiting']);
  });

  test.each([
    ['newest', ['waiting', 'refused: displaced']],
    ['oldest', ['refused: displaced', 'waiting']],
  ] as const)('give way in the queue, the %s, to what is kept there for the others', async (drop, expected) => {
    const settings = { concurrency: 2, upstream: '50%', queue: 2, drop } as const;
    const { call, take, enter } = create({ critical: settings });
    call('critical');
    take('critical');
    const callers = times(2, () => follow(call('critical')));
    const first = follow(take('critical'));
    expect([await callers[0]?.now(), await callers[1]?.now()]).toEqual(expected);
    // One of two places is kept: the second is refused as ever, or takes that of whoever came first.
    const second = enter('critical');
    expect('reason' in second ? second.reason : 'waits').toBe(drop === 'newest' ? 'queue-full' : 'waits');
    expect(await first.now()).toBe('waiting');
  });

  test('never take the place of those without upstream for whom it is kept, where the oldest is dropped', async () => {
    const settings = { concurrency: 2, upstream: '50%', queue: 2, drop: 'oldest' } as const;
    const { call, take } = create({ critical: settings });
    call('critical');
    take('critical');
    const other = follow(take('critical'));
    const callers = times(3, () => follow(call('critical')));
    expect(await other.now()).toBe('waiting');
    expect(await Promise.all(callers.map((one) => one.now()))).toEqual([
      'refused: displaced',
      'refused: displaced',
      'waiting',
    ]);
  });

  test('wait only while the pod has room for those that may still begin without upstream', async () => {
    const { call, take, enter, shed } = create({
      maxInFlight: 10,
      critical: { concurrency: 5, upstream: '80%', queue: 10 },
    });
    times(4, () => call('critical'));
    const waiting = times(5, () => follow(call('critical')));
    expect(enter('critical', undefined, true)).toMatchObject({ reason: 'in-flight' });
    expect(take('critical').turn).toBeUndefined();
    expect(await Promise.all(waiting.map((one) => one.now()))).toEqual(times(5, () => 'waiting'));
    expect(shed).toEqual(['critical in-flight']);
  });

  test('give way where the pod is full nevertheless, since the limit has risen', async () => {
    const critical = { current: 4, observe: () => undefined };
    const settings = { concurrency: 10, upstream: '80%', queue: 10 } as const;
    const { call, take, shed, lanes } = create({ maxInFlight: 10, critical: settings }, { limits: { critical } });
    times(3, () => call('critical'));
    const waiting = times(6, () => follow(call('critical')));
    critical.current = 10;
    expect(take('critical').turn).toBeUndefined();
    expect(shed).toEqual([]);
    expect(take('critical').turn).toBeUndefined();
    expect([await waiting[4]?.now(), await waiting[5]?.now()]).toEqual(['working', 'refused: displaced']);
    expect(lanes.measure().inFlight).toBe(10);
  });

  test('have the same share of a limit that moves, and of a single place all', async () => {
    const critical = { current: 10, observe: () => undefined };
    const settings = { concurrency: 20, upstream: '80%', queue: 20 } as const;
    const { call } = create({ critical: settings }, { limits: { critical } });
    const calling = times(8, () => call('critical'));
    const next = follow(call('critical'));
    expect(await next.now()).toBe('waiting');
    critical.current = 1;
    for (const permit of calling.slice(0, 7)) permit.release();
    expect(await next.now()).toBe('waiting');
    calling[7]?.release();
    expect(await next.now()).toBe('working');
  });

  test('give their part back when they become streams', async () => {
    const { call } = create({ critical: { concurrency: 2, upstream: '50%', queue: 2 } });
    const first = call('critical');
    const second = follow(call('critical'));
    first.becomeStream();
    expect(await second.now()).toBe('working');
  });
});

describe('a stream', () => {
  test('gives its place in the lane to the next, and takes one of its own', async () => {
    const { take, fill, lanes } = create();
    const [first] = fill('critical', 2);
    const next = follow(take('critical'));
    expect(first?.becomeStream()).toBeUndefined();
    expect(await next.now()).toBe('working');
    expect(lanes.measure()).toMatchObject({ inFlight: 2, streams: 1 });
    first?.release();
    first?.release();
    expect(lanes.measure()).toMatchObject({ inFlight: 2, streams: 0 });
  });

  test('is refused where as many last as may, and keeps its place until it is over', () => {
    const { take, lanes, shed } = create();
    const streams = [take('critical'), take('background'), take('critical')];
    expect(streams.map((permit) => permit.becomeStream()?.reason)).toEqual([undefined, undefined, 'streams']);
    expect(shed).toEqual(['critical streams']);
    expect(lanes.measure()).toMatchObject({ inFlight: 1, streams: 2 });
    streams.forEach((permit) => permit.release());
    expect(lanes.measure()).toMatchObject({ inFlight: 0, streams: 0 });
  });
});

describe('a concurrency limit that moves', () => {
  const moving = (current: number) => {
    const seen: [durationMs: number, inFlight: number, dropped: boolean][] = [];
    return { current, seen, observe: (...sample: [number, number, boolean]) => void seen.push(sample) };
  };

  test('is told of the time to the first byte once, of those at work, and of nothing that was refused', () => {
    const critical = moving(2);
    const { take, fill, refused } = create({ critical: { queue: 0 } }, { limits: { critical } });
    const [one, two] = fill('critical', 2);
    refused('critical');
    jest.advanceTimersByTime(30);
    one?.observe(false);
    one?.observe(true);
    jest.advanceTimersByTime(20);
    two?.observe(true);
    two?.becomeStream();
    one?.release();
    one?.observe(false);
    take('critical').release();
    expect(critical.seen).toEqual([
      [30, 1, false],
      [50, 2, true],
    ]);
  });

  test('lets those who wait begin when it rises', async () => {
    const critical = moving(1);
    const { take } = create({ critical: { concurrency: 10 } }, { limits: { critical } });
    const first = take('critical');
    const waiting = [follow(take('critical')), follow(take('critical'))];
    critical.current = 2;
    first.observe(false);
    expect([await waiting[0]?.now(), await waiting[1]?.now()]).toEqual(['working', 'waiting']);
    critical.current = 4;
    // One that comes later stands behind those who wait, and yet begins: there is room for all.
    expect(take('critical').turn).toBeUndefined();
    expect(await waiting[1]?.now()).toBe('working');
  });

  test('lets nobody begin while more are at work than it says', async () => {
    const critical = moving(3);
    const { take, fill } = create({ critical: { concurrency: 10 } }, { limits: { critical } });
    const working = fill('critical', 3);
    critical.current = 1;
    const next = follow(take('critical'));
    working[0]?.release();
    working[1]?.release();
    expect(await next.now()).toBe('waiting');
    working[2]?.release();
    expect(await next.now()).toBe('working');
  });

  test.each([
    [1_000, 2],
    [0, 1],
    [Number.NaN, 1],
  ])('of %d stays within the lane and lets one begin', (current, limit) => {
    const { lanes } = create({}, { limits: { critical: moving(current) } });
    expect(lanes.measure().lanes.critical.limit).toBe(limit);
  });
});

describe('a refused request', () => {
  const afterWork = (heldMs: number, random: () => number) => {
    const made = create({}, { random });
    for (const permit of made.fill('critical', 2)) {
      jest.advanceTimersByTime(heldMs / 2);
      permit.release();
    }
    made.fill('critical', 5);
    return made;
  };

  test('is told to wait for as long as those before it take, and up to twice as long, at random', () => {
    // Two places, held for 2 seconds and a little more; three wait before it.
    const waits = Array.from({ length: 100 }, (_, seed) => {
      const { refused } = afterWork(4_000, seeded(seed));
      return refused('critical').retryAfterSeconds;
    });
    expect(Math.min(...waits)).toBe(5);
    expect(Math.max(...waits)).toBe(10);
    expect(new Set(waits).size).toBe(6);
  });

  test('is told at least one second and at most thirty', () => {
    expect(afterWork(1, () => 0).refused('critical').retryAfterSeconds).toBe(1);
    expect(afterWork(1e6, () => 0.999).refused('critical').retryAfterSeconds).toBe(30);
  });

  test('is told more while nothing becomes free', () => {
    const { refused } = afterWork(10, () => 0);
    expect(refused('critical').retryAfterSeconds).toBe(1);
    jest.advanceTimersByTime(3_000);
    expect(refused('critical').retryAfterSeconds).toBe(12);
  });
});
