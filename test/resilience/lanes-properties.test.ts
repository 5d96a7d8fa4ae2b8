import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { LANES, type Lane } from '../../service/definition/index.ts';
import { createLanes, type Lanes, type Permit } from '../../service/resilience/index.ts';
import { laneSettings } from './lane-settings.ts';
import { seeded } from './seeded.ts';

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
});
afterEach(() => {
  jest.useRealTimers();
});

type Settings = ReturnType<typeof laneSettings>;
type Request = {
  readonly id: number;
  readonly lane: Lane;
  readonly upstream: boolean;
  readonly permit: Permit;
  readonly abort: AbortController;
  readonly arrivedAt: number;
  /** What became of it, in the order it was told. */
  readonly told: string[];
  streams: boolean;
};

const MAX_WAIT_MS = 2_000;

const PARTS = ['1%', '50%', '80%', '100%'] as const;

/** Any settings, small ones above all: the edges are there. */
function anySettings(random: () => number): Settings {
  const pick = (most: number, least = 1): number => least + Math.floor(random() * (most - least + 1));
  const lane = () => ({
    concurrency: pick(8),
    upstream: PARTS[pick(PARTS.length) - 1] ?? '100%',
    queue: pick(8, 0),
    drop: random() < 0.5 ? ('newest' as const) : ('oldest' as const),
    maxWait: `${MAX_WAIT_MS}ms` as const,
  });
  return laneSettings({ maxInFlight: pick(20), maxStreams: pick(4), critical: lane(), background: lane() });
}

/** Sends random requests into lanes, ends, aborts and turns them into streams, and looks on. */
class Traffic {
  readonly lanes: Lanes;
  readonly settings: Settings;
  readonly random: () => number;
  readonly begun = { critical: { upstream: [], none: [] }, background: { upstream: [], none: [] } } as Readonly<
    Record<Lane, Readonly<Record<'upstream' | 'none', number[]>>>
  >;
  open: Request[] = [];
  all: Request[] = [];
  refusedAtOnce = 0;
  shed = 0;

  constructor(seed: number) {
    this.random = seeded(seed);
    this.settings = anySettings(this.random);
    this.lanes = createLanes({ settings: this.settings, onShed: () => this.shed++, random: this.random });
  }

  async step(): Promise<void> {
    const chance = this.random();
    const any = this.open[Math.floor(this.random() * this.open.length)];
    if (chance < 0.5) this.arrive(this.random() < 0.5 ? 'critical' : 'background', this.random() < 0.6);
    else if (chance < 0.55) jest.advanceTimersByTime(this.random() * 500);
    else if (any && chance < 0.65) any.abort.abort(new Error('left'));
    else if (any && chance < 0.7 && isWorking(any)) any.streams = !any.permit.becomeStream() || any.streams;
    else if (any) this.end(any);
    await this.settle();
  }

  /** Has promises tell their results, and forgets who is over. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await Promise.resolve();
    this.open = this.open.filter(({ told }) => told.length === 0 || told[0] === 'turn');
  }

  /** The critical requests in flight below which no flood of background may be felt. */
  get guaranteed(): number {
    const { maxInFlight, lanes } = this.settings;
    return maxInFlight - Math.min(lanes.background.concurrency, this.backgroundCeiling);
  }

  /** Requests in flight from which on no background is taken in. */
  get backgroundCeiling(): number {
    return Math.max(1, Math.floor(this.settings.maxInFlight * 0.8));
  }

  /** Requests of a lane that may call the upstream at once. */
  callers(lane: Lane): number {
    const { concurrency, upstream } = this.settings.lanes[lane];
    return Math.max(1, Math.floor((concurrency * Number.parseInt(upstream, 10)) / 100));
  }

  /** Whether nothing that is there may keep the next request from beginning at once. */
  mustBegin(lane: Lane, upstream: boolean): boolean {
    const { working, waiting } = this.lanes.measure().lanes[lane];
    const { concurrency } = this.settings.lanes[lane];
    const own = this.open.filter((request) => request.lane === lane && !request.streams);
    const callers = own.filter((request) => request.upstream);
    const room = working < concurrency && (!upstream || callers.filter(isWorking).length < this.callers(lane));
    if (lane === 'critical' && room && working + waiting < this.guaranteed) return true;
    if (upstream || own.length - callers.length >= concurrency - this.callers(lane)) return false;
    // Of the others, those at work stay; who only waits for the upstream is in nobody's way.
    const { inFlight } = this.lanes.measure();
    const ceiling = lane === 'critical' ? working + 1 <= this.guaranteed : inFlight < this.backgroundCeiling;
    return ceiling || (lane === 'background' && callers.some((request) => !isWorking(request)));
  }

  arrive(lane: Lane, upstream: boolean): void {
    const mustBegin = this.mustBegin(lane, upstream);
    const abort = new AbortController();
    const permit = this.lanes.enter(lane, () => abort.signal, upstream);
    if (mustBegin) expect(permit).toMatchObject({ turn: undefined });
    if ('reason' in permit) {
      this.refusedAtOnce++;
      expect(permit.retryAfterSeconds).toBeGreaterThanOrEqual(1);
      expect(permit.retryAfterSeconds).toBeLessThanOrEqual(30);
      return;
    }
    const arrivedAt = performance.now();
    const request: Request = {
      id: this.all.length,
      lane,
      upstream,
      permit,
      abort,
      arrivedAt,
      told: [],
      streams: false,
    };
    this.all.push(request);
    this.open.push(request);
    const begin = (): void => {
      request.told.push('turn');
      this.begun[lane][upstream ? 'upstream' : 'none'].push(request.id);
      expect(performance.now() - arrivedAt).toBeLessThan(MAX_WAIT_MS);
    };
    if (!permit.turn) {
      begin();
      return;
    }
    permit.turn.then(
      (refusal) => (refusal ? request.told.push(refusal.reason) : begin()),
      () => request.told.push('left'),
    );
  }

  end(request: Request): void {
    request.permit.release();
    if (isWorking(request)) this.open = this.open.filter((one) => one !== request);
  }

  check(): void {
    const { settings, open } = this;
    const { inFlight, streams, lanes } = this.lanes.measure();
    expect(inFlight).toBeLessThanOrEqual(settings.maxInFlight);
    expect(streams).toBe(open.filter((request) => request.streams).length);
    expect(streams).toBeLessThanOrEqual(settings.maxStreams);
    let sum = 0;
    for (const lane of LANES) {
      const { working, waiting } = lanes[lane];
      const { concurrency, queue } = settings.lanes[lane];
      const own = open.filter((request) => request.lane === lane && !request.streams);
      expect(working).toBe(own.filter(isWorking).length);
      expect(waiting).toBe(own.length - own.filter(isWorking).length);
      expect(working).toBeLessThanOrEqual(concurrency);
      expect(waiting).toBeLessThanOrEqual(queue);
      const callers = own.filter((request) => request.upstream);
      const calling = callers.filter(isWorking).length;
      expect(calling).toBeLessThanOrEqual(this.callers(lane));
      // Nobody waits while there is room to work: for all, or for those that call the upstream.
      if (waiting > callers.length - calling) expect(working).toBe(concurrency);
      if (callers.length > calling) expect(working === concurrency || calling === this.callers(lane)).toBe(true);
      sum += working + waiting;
    }
    expect(inFlight).toBe(sum);
  }
}

const isWorking = ({ told }: Request): boolean => told[0] === 'turn';

test.each(Array.from({ length: 20 }, (_, seed) => seed))(
  'whatever arrives, ends, leaves and streams: bounds hold, order is kept, nothing leaks (seed %d)',
  async (seed) => {
    const traffic = new Traffic(seed);
    for (let step = 0; step < 400; step++) {
      await traffic.step();
      traffic.check();
    }
    while (traffic.open.length > 0) {
      for (const request of traffic.open) traffic.end(request);
      await traffic.settle();
    }
    for (const request of traffic.all) request.permit.release();
    expect(traffic.lanes.measure()).toMatchObject({
      inFlight: 0,
      streams: 0,
      lanes: { critical: { working: 0, waiting: 0 }, background: { working: 0, waiting: 0 } },
    });
    // Each is told exactly one thing, and those of one kind that began did so in the order they came.
    expect(traffic.all.filter(({ told }) => told.length !== 1)).toEqual([]);
    for (const lane of LANES)
      for (const begun of Object.values(traffic.begun[lane])) expect(begun).toEqual([...begun].sort((a, b) => a - b));
    expect(traffic.all.length).toBeGreaterThan(50);
  },
);
