import { setImmediate as turn } from 'node:timers/promises';
import { Redis } from 'ioredis';
import {
  bucketPolicy,
  createRedisLimits,
  createSharedLimits,
  windowPolicy,
  type LimitPolicy,
} from '../../../service/limit/index.ts';

/** What one process is to do; see `hammer`. */
export type HammerJob = {
  readonly port: number;
  readonly password: string;
  readonly prefix: string;
  readonly durationMs: number;
  /** Added to this process's clocks. */
  readonly skewMs: number;
  readonly mode: 'exact' | 'lease';
};

/** From when to when something happened, in microseconds. */
export type Span = readonly [from: number, to: number];

/** What it saw: for each limit the times of its admissions, in microseconds. */
export type HammerResult = {
  /** By the clock of Redis. */
  readonly inRedis: Readonly<Record<string, readonly number[]>>;
  /** When each was asked for and seen, by the monotonic clock that all processes of a machine share. */
  readonly here: Readonly<Record<string, readonly Span[]>>;
  readonly trips: number;
  readonly requests: number;
};

/** The limits that are hammered on: what they admit, and in which window. */
export const HAMMERED = { windowMs: 500, log: 40, counter: 150, capacity: 30, tokenMs: 10 } as const;

/** The lease that a process may take; see Leases. */
export const LEASE = { tokens: 10, lifetimeMs: 1_000, hotFrom: 5 } as const;

const POLICIES: readonly LimitPolicy[] = [
  windowPolicy('log', HAMMERED.log, HAMMERED.windowMs),
  windowPolicy('counter', HAMMERED.counter, HAMMERED.windowMs),
  bucketPolicy('bucket', HAMMERED.capacity, 1, HAMMERED.tokenMs),
  windowPolicy('leased', 200, HAMMERED.windowMs, { logUpTo: 1_000 }),
];

/** Asks each limit as often as it can for as long as it is told to. */
async function hammer(job: HammerJob): Promise<HammerResult> {
  const { now } = Date;
  Date.now = () => now() + job.skewMs;
  const redis = new Redis({ port: job.port, password: job.password });
  const inRedis: Record<string, number[]> = {};
  const here: Record<string, Span[]> = {};
  let trips = 0;
  let requests = 0;
  let sequence = 0;
  const hammerOn = async (policy: LimitPolicy): Promise<void> => {
    const decided: number[] = (inRedis[policy.name] = []);
    const admitted: Span[] = (here[policy.name] = []);
    const store = createRedisLimits(redis, {
      prefix: job.prefix,
      nextId: () => `${process.pid}-${sequence++}`,
      timeoutMs: 10_000,
      onTrip({ timeUs, admitted: count }) {
        trips++;
        for (let each = 0; each < count; each++) decided.push(timeUs ?? Number.NaN);
      },
    });
    const shared = createSharedLimits({
      store,
      mode: job.mode,
      lease: LEASE,
      trackedCallers: 10,
      now: () => performance.now() + job.skewMs,
    });
    const ask = async (): Promise<void> => {
      const startedAt = monotonicUs();
      // The memory of denials would spare Redis most of the hammering, which is what is to be tested here.
      const { allowed } = await (job.mode === 'exact'
        ? store.take('caller', [policy])
        : shared.take('caller', [policy]));
      requests++;
      if (allowed) admitted.push([startedAt, monotonicUs()]);
    };
    const end = monotonicUs() + job.durationMs * 1000;
    while (monotonicUs() < end) {
      await Promise.all(Array.from({ length: 8 }, ask));
      await turn();
    }
    store.close();
  };
  const policies = POLICIES.filter(({ name }) => (name === 'leased') === (job.mode === 'lease'));
  await Promise.all(policies.map(hammerOn));
  await redis.quit();
  return { inRedis, here, trips, requests };
}

function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

const [, , job] = process.argv;
if (job !== undefined && import.meta.main)
  process.stdout.write(JSON.stringify(await hammer(JSON.parse(job) as HammerJob)));
