import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createRedisLimits, monthPolicy, sumPolicy } from '../../../service/limit/index.ts';
import { seeded } from '../random.ts';

/** What one process is to do; see `hammer`. */
export type AmountJob = {
  readonly port: number;
  readonly password: string;
  readonly prefix: string;
  readonly durationMs: number;
  readonly seed: number;
  /** Whether it settles what it reserves; one that does not is as good as dead. */
  readonly settles: boolean;
};

/** One request that was admitted: when, by the clock of Redis in microseconds, what was reserved and what was used. */
export type Admission = { readonly timeUs: number; readonly reserved: number; readonly used: number };

/** What it saw; `settled`: what it told to have been used, of the budget. */
export type AmountResult = { readonly admissions: readonly Admission[]; readonly settled: number };

/** The limits that are hammered on, the longest that is not settled, and the most that is used above a reservation. */
export const TOKENS = { limit: 2_000, windowMs: 600, budget: 10_000_000, lapseMs: 3_000, excess: 40 } as const;

/** Both: what a window admits, and a budget. */
export const POLICIES = [
  sumPolicy('tokens', TOKENS.limit, TOKENS.windowMs, { lapseMs: TOKENS.lapseMs, scope: 'everyone' }),
  monthPolicy('budget', TOKENS.budget, { lapseMs: TOKENS.lapseMs, scope: 'everyone' }),
] as const;

/** Reserves as often as it can, and settles a little later what became of it. */
async function hammer(job: AmountJob): Promise<AmountResult> {
  const random = seeded(job.seed);
  const redis = new Redis({ port: job.port, password: job.password });
  const admissions: Admission[] = [];
  let settled = 0;
  let sequence = 0;
  const end = performance.now() + job.durationMs;
  const askOn = async (): Promise<void> => {
    // One request in each trip: the time of the trip is that of the request.
    let timeUs = Number.NaN;
    const store = createRedisLimits(redis, {
      prefix: job.prefix,
      nextId: () => `${process.pid}-${sequence++}`,
      timeoutMs: 10_000,
      onTrip: (trip) => (timeUs = trip.requests > 0 ? (trip.timeUs ?? Number.NaN) : timeUs),
    });
    while (performance.now() < end) {
      const reserved = random.whole(1, 120);
      const verdict = await store.reserve('caller', POLICIES, [reserved, reserved]);
      if (!verdict.allowed) {
        await wait(random.whole(1, 8));
        continue;
      }
      // Answered in short, refused, cut, longer than was thought; and a process that ends before it knows.
      const isWhole = random.next() < 0.6;
      const other = random.pick([0, random.whole(0, reserved), reserved + random.whole(1, TOKENS.excess)]);
      const used = isWhole ? reserved : other;
      const isLost = !job.settles || random.next() < 0.2;
      // What is never settled may have been used whole.
      admissions.push({ timeUs, reserved, used: isLost ? reserved : used });
      await wait(random.whole(0, 25));
      if (isLost) continue;
      verdict.settle([used, used]);
      if (random.next() < 0.2) verdict.settle([0, 0]);
      settled += used;
    }
    // What was settled last is told with the next call.
    await store.take('nobody', []);
    store.close();
  };
  await Promise.all(Array.from({ length: 6 }, askOn));
  await redis.quit();
  return { admissions, settled };
}

const [, , job] = process.argv;
if (job !== undefined && import.meta.main)
  process.stdout.write(JSON.stringify(await hammer(JSON.parse(job) as AmountJob)));
