import {
  toMilliseconds,
  toSeconds,
  type Duration,
  type Ratio,
  toFraction,
  type Service,
} from '../service/definition/index.ts';
import { METRICS, RECORDED, select, selectExported, type Metric } from '../service/telemetry/catalogue.ts';
import { OBJECTIVES, type ObjectiveId } from './objectives.ts';

/**
 * One pair of windows. Both must burn: the long one says that it matters, the short one that it still goes on. `spent`
 * is the share of the whole budget that is gone by the end of the long window (The Site Reliability Workbook, 2018,
 * chapter 5).
 */
export type Pair = { readonly short: WindowId; readonly long: WindowId; readonly spent: Ratio };

/** Length of a window, which names what is recorded of it. */
export type WindowId = keyof typeof SHARES;

/** The share that was bad, by window. */
export const SHARES = {
  '5m': RECORDED.badShare5m,
  '30m': RECORDED.badShare30m,
  '1h': RECORDED.badShare1h,
  '2h': RECORDED.badShare2h,
  '6h': RECORDED.badShare6h,
  '1d': RECORDED.badShare1d,
  '3d': RECORDED.badShare3d,
} as const satisfies Readonly<Partial<Record<Duration, Metric>>>;

/** With a budget for 30 days: 14.4 and 6 times as fast as it may burn wake somebody, 3 times and once can wait. */
export const PAIRS = {
  page: [
    { short: '5m', long: '1h', spent: '2%' },
    { short: '30m', long: '6h', spent: '5%' },
  ],
  ticket: [
    { short: '2h', long: '1d', spent: '10%' },
    { short: '6h', long: '3d', spent: '10%' },
  ],
} as const satisfies Readonly<Record<string, readonly Pair[]>>;

/** What is recorded of events holds so long: read once in that time it leaves out nothing and counts nothing twice. */
const RECORDED_OVER: Duration = '5m';
/** So long after its end an experiment may still be seen in it; with some evaluations. */
const SEEN_FOR: Duration = '6m';

/** How many times as fast as it may the budget burns where a pair of windows tells. */
export function burnRate({ long, spent }: Pair, { slo }: Service): number {
  return Number(((toFraction(spent) * toMilliseconds(slo.window)) / toMilliseconds(long)).toPrecision(12));
}

/**
 * The budget of an objective burns too fast in both windows of some pair; the value is how many times as fast as it may.
 * A pair that more than everything would have to be bad for is left out.
 */
export function burning(objective: ObjectiveId, pairs: readonly Pair[], service: Service): string {
  const { budget, least } = OBJECTIVES[objective];
  const admitted = budget(service);
  return pairs
    .filter((pair) => burnRate(pair, service) * admitted < 1)
    .map((pair) => {
      const fast = (window: WindowId): string =>
        `${share(objective, window, service)} / ${admitted} > ${burnRate(pair, service)}`;
      return `(${fast(pair.short)} and ${fast(pair.long)} and ${badSince(objective, pair.long, service)} >= ${least})`;
    })
    .join(' or ');
}

/** The share of an objective's events that was bad in a window. */
export function share(objective: ObjectiveId, window: WindowId, service: Service): string {
  return select(SHARES[window], labelsOf(objective, service));
}

/** How many events were bad in a window: what was recorded each second, once for each evaluation. */
export function badSince(objective: ObjectiveId, window: Duration, service: Service): string {
  return since(RECORDED.badEvents, objective, window, service);
}

/** How many events there were in a window. */
export function eventsSince(objective: ObjectiveId, window: Duration, service: Service): string {
  return since(RECORDED.events, objective, window, service);
}

/** How many events were bad in the window of the objective while no experiment of a drill ran. */
export function badOutsideDrills(objective: ObjectiveId, service: Service): string {
  const perSecond = select(RECORDED.badEvents, labelsOf(objective, service));
  const active = selectExported(service.namespace, METRICS.drillActive);
  const drilled = `max by (namespace) (max_over_time(${active}[${SEEN_FOR}])) > 0`;
  const others = `${perSecond} unless on (namespace) ${drilled}`;
  return `sum_over_time((${others})[${service.slo.window}:${RECORDED_OVER}]) * ${toSeconds(RECORDED_OVER)}`;
}

function since(metric: Metric, objective: ObjectiveId, window: Duration, service: Service): string {
  const perSecond = select(metric, labelsOf(objective, service));
  return `sum_over_time(${perSecond}[${window}]) * ${toSeconds(service.monitoring.evaluationInterval)}`;
}

/** The labels of what is recorded of an objective. */
export function labelsOf(objective: ObjectiveId, { namespace }: Service): Readonly<Record<string, string>> {
  return { namespace, slo: objective };
}
