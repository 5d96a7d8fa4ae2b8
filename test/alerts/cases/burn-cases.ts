import type { OBJECTIVE_ALERTS } from '../../../alerts/objective-alerts.ts';
import { METRICS } from '../../../service/telemetry/catalogue.ts';
import type { AlertCase, CasesOf } from '../rule-test.ts';
import { countedAt, together, type InputSeries, type PerSample, type Phase } from '../samples.ts';
import { answers, FAILED, gauge, OK } from './inputs.ts';

const HOUR = 60;
const DAY = 24 * HOUR;

type Burning = Exclude<(typeof OBJECTIVE_ALERTS)[number], { readonly id: 'GatewayErrorsHigh' | 'GatewayLatencyHigh' }>;

const burns = (slo: string, pace: string): NonNullable<AlertCase['fires']> => ({
  labels: { slo },
  description: `The budget of the objective ${slo} in sluice-prod burns ${pace} times as fast as it may.`,
});

/** Requests once a minute, or every other one, of which some fail. */
const failing = (perMinute: number, well: number, ...phases: readonly Phase<number>[]): InputSeries =>
  together(
    answers(OK, [[total(phases), { 0.1: well }]], perMinute),
    answers(
      FAILED,
      phases.map(([minutes, each]) => [minutes, { 0.1: each }]),
      perMinute,
    ),
  );

/** A pod that has workers all the time. */
const SERVING = gauge(METRICS.workers, {}, `2x${2 * DAY}`);

const timed = (perMinute: number, ...phases: readonly Phase<PerSample>[]): InputSeries =>
  answers(OK, phases, perMinute);

const lookups = (bypass: number, hit: number, ...misses: readonly Phase<number>[]): InputSeries => {
  const all = total(misses);
  const counts = { bypass: [[all, bypass]], hit: [[all, hit]], miss: misses } as const;
  return together(
    ...Object.entries(counts).map(([result, phases]) =>
      gauge(METRICS.cacheLookups, { result }, countedAt(0.5, phases)),
    ),
  );
};

function total(phases: readonly Phase<unknown>[]): number {
  return phases.reduce((sum, [minutes]) => sum + minutes, 0);
}

/** Situations in which a budget burns: pages sampled each minute, tickets each second one, since they take days. */
export const BURN_CASES: CasesOf<readonly Burning[]> = {
  ErrorsBurnFast: [
    {
      title: 'half of the requests fail for half an hour',
      input: failing(1, 100, [2 * HOUR, 0], [30, 100], [3 * HOUR, 0]),
      every: '1m',
      before: '2h',
      at: '2h10m',
      fires: burns('errors', '500.0'),
      over: '3h10m',
    },
    {
      title: 'half of them fail for two minutes, and it is over as soon as the short window is',
      input: failing(1, 100, [7 * HOUR, 0], [2, 100], [HOUR, 0]),
      every: '1m',
      at: '7h3m',
      fires: burns('errors', '285.7'),
      over: '7h8m',
    },
    {
      title: 'one percent fails for ten minutes',
      input: failing(1, 990, [2 * HOUR, 0], [10, 10], [HOUR, 0]),
      every: '1m',
      at: '2h10m',
    },
    {
      title: 'a request of a quiet night fails',
      input: failing(1, 1, [2 * HOUR, 0], [1, 1], [HOUR, 0]),
      every: '1m',
      at: '2h4m',
    },
  ],
  ErrorsBurnSlow: [
    {
      title: 'five of a thousand fail for a day',
      input: failing(0.5, 995, [DAY, 0], [DAY, 5], [DAY, 0]),
      every: '2m',
      before: '24h',
      at: '45h',
      fires: burns('errors', '5.0'),
      over: '56h',
    },
    { title: 'one of two thousand fails', input: failing(0.5, 1999, [30 * HOUR, 1]), every: '2m', at: '29h' },
    {
      title: 'nine requests of a quiet day fail',
      input: failing(0.5, 0, [DAY, 0], [18, 1], [DAY, 0]),
      every: '2m',
      at: '25h',
    },
  ],
  LatencyBurnFast: [
    {
      title: 'half of the requests are slow for half an hour',
      input: timed(1, [2 * HOUR, { 0.1: 100 }], [30, { 0.1: 50, 2.5: 50 }], [3 * HOUR, { 0.1: 100 }]),
      every: '1m',
      before: '2h10m',
      at: '2h25m',
      fires: burns('latency', '50.0'),
      over: '3h10m',
    },
    {
      title: 'ten of a hundred are slow for ten minutes',
      input: timed(1, [2 * HOUR, { 0.1: 100 }], [10, { 0.1: 90, 2.5: 10 }], [HOUR, { 0.1: 100 }]),
      every: '1m',
      at: '2h10m',
    },
  ],
  LatencyBurnSlow: [
    {
      title: 'five of a hundred are slow for a day',
      input: timed(0.5, [DAY, { 0.1: 100 }], [DAY, { 0.1: 95, 2.5: 5 }], [DAY, { 0.1: 100 }]),
      every: '2m',
      before: '24h',
      at: '45h',
      fires: burns('latency', '5.0'),
      over: '56h',
    },
    {
      title: 'one of two hundred is slow',
      input: timed(0.5, [30 * HOUR, { 0.1: 199, 2.5: 1 }]),
      every: '2m',
      at: '29h',
    },
  ],
  AvailabilityBurnFast: [
    {
      title: 'no pod can be asked for ten minutes',
      input: gauge(METRICS.workers, {}, '2x119 stale _x8 2x180'),
      every: '1m',
      before: '1h59m',
      at: '2h8m',
      fires: burns('availability', '1000.0'),
      over: '3h',
    },
    {
      title: 'pods answer and have no worker',
      input: gauge(METRICS.workers, {}, '2x119 0x9 2x180'),
      every: '1m',
      at: '2h8m',
      fires: burns('availability', '1000.0'),
    },
    {
      title: 'one of two pods has no worker',
      input: together(gauge(METRICS.workers, {}, '0x300'), gauge(METRICS.workers, { pod: 'gateway-2' }, '2x300')),
      every: '1m',
      at: '3h',
    },
    {
      title: 'Prometheus starts three quarters of a minute before the gateway',
      input: gauge(METRICS.workers, {}, '_x2 2x300'),
      at: '2m',
    },
    {
      title: 'one scrape fails',
      input: gauge(METRICS.workers, {}, '2x299 stale 2x300'),
      at: '1h15m15s',
    },
  ],
  AvailabilityBurnSlow: [
    {
      title: 'no pod can be asked for an hour',
      input: gauge(METRICS.workers, {}, '2x719 0x29 2x1440'),
      every: '2m',
      before: '23h58m',
      at: '25h',
      fires: burns('availability', '486.3'),
      over: '33h',
    },
    {
      title: 'once in three days a scrape fails',
      input: gauge(METRICS.workers, {}, '2x2189 0 2x1440'),
      every: '2m',
      at: '73h10m',
    },
  ],
  CacheHitsBurnSlow: [
    {
      title: 'half of the look-ups miss for two days',
      input: lookups(0, 100, [DAY, 1], [2 * DAY, 100], [DAY, 1]),
      every: '2m',
      before: '24h',
      at: '60h',
      fires: burns('cache', '2.5'),
      over: '80h',
    },
    { title: 'what bypasses the cache is many', input: lookups(900, 90, [2 * DAY, 10]), every: '2m', at: '40h' },
    {
      title: 'a few look-ups of a quiet day all miss',
      input: lookups(0, 0, [DAY, 0], [20, 10], [DAY, 0]),
      every: '2m',
      at: '25h',
    },
  ],
  BudgetRunsOut: [
    {
      title: 'three of a thousand fail for two hours, which a day later is no pace any more',
      input: together(SERVING, failing(0.5, 997, [12 * HOUR, 0], [2 * HOUR, 3], [26 * HOUR, 0])),
      every: '2m',
      before: '14h40m',
      at: '16h',
      fires: {
        labels: { slo: 'errors' },
        description:
          'At the pace of the last day the objective errors in sluice-prod will have -95.97% of its budget left in three days.',
      },
      over: '39h',
    },
    {
      title: 'the budget is hardly touched',
      input: together(SERVING, failing(0.5, 9999, [DAY, 1])),
      every: '2m',
      at: '23h',
    },
    {
      title: 'one of a hundred requests of a quiet environment fails',
      input: together(SERVING, failing(0.5, 1, [98, 0], [2, 1], [DAY, 0])),
      every: '2m',
      at: '3h20m',
    },
  ],
};
