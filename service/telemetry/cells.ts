import { LABEL_VALUES, METRICS, type Metric } from './catalogue.ts';

/** The routes as the metrics know them. */
export type MeasuredRoute = { readonly id: string; readonly method: string; readonly lane: string };

/** One series: where its numbers stand in the cells. */
export type Series = {
  readonly metric: Metric;
  readonly labels: Readonly<Record<string, string>>;
  /** First cell; a histogram takes one for each bucket, one for +Inf and one for the sum. */
  readonly offset: number;
};

/** Where each series stands; the same in every process, since it follows from the definition alone. */
export type CellLayout = {
  readonly series: readonly Series[];
  readonly size: number;
  /** Offset of each route's first status class. */
  readonly routes: ReadonlyMap<string, number>;
};

const BUCKETS: readonly number[] = METRICS.requestDuration.buckets;
const HISTOGRAM_CELLS = BUCKETS.length + 2;

/**
 * The layout for a set of routes. Every series exists from the start, with 0: a counter that is born with its first
 * error would hide that error from `rate`.
 */
export function layOutCells(measured: readonly MeasuredRoute[], lanes: readonly string[]): CellLayout {
  const series: Series[] = [];
  const routes = new Map<string, number>();
  let size = 0;
  const place = (metric: Metric, labels: Readonly<Record<string, string>>): void => {
    series.push({ metric, labels, offset: size });
    size += metric.type === 'histogram' ? HISTOGRAM_CELLS : 1;
  };
  const placeEach = (metric: Metric, label: string, values: readonly string[]): void =>
    values.forEach((value) => place(metric, { [label]: value }));
  for (const { id, method, lane } of measured) {
    routes.set(id, size);
    for (const statusClass of LABEL_VALUES.status_class) {
      place(METRICS.requestDuration, { route: id, method, status_class: statusClass, lane });
    }
  }
  place(METRICS.activeRequests, {});
  placeEach(METRICS.cacheLookups, 'result', LABEL_VALUES.cacheResult);
  placeEach(METRICS.limitDecisions, 'decision', LABEL_VALUES.decision);
  placeEach(METRICS.storeErrors, 'store', LABEL_VALUES.store);
  placeEach(METRICS.upstreamAttempts, 'outcome', LABEL_VALUES.outcome);
  placeEach(METRICS.poolConnections, 'lane', lanes);
  placeEach(METRICS.poolLimit, 'lane', lanes);
  place(METRICS.residentMemory, {});
  place(METRICS.cpuSeconds, {});
  return { series, size, routes };
}

/** The numbers of one process: plain cells, since a metrics library's look-up costs more than the rest of a hit. */
export class Cells {
  readonly values: Float64Array;
  readonly #layout: CellLayout;
  readonly #offsets: ReadonlyMap<string, number>;

  constructor(layout: CellLayout) {
    this.#layout = layout;
    this.values = new Float64Array(layout.size);
    this.#offsets = new Map(layout.series.map(({ metric, labels, offset }) => [cellId(metric, labels), offset]));
  }

  /** Counts one answer of a route; `status` is its HTTP status. */
  observeRequest(routeOffset: number, status: number, seconds: number): void {
    const statusClass = status >= 100 && status < 600 ? Math.floor(status / 100) - 1 : 4;
    const offset = routeOffset + statusClass * HISTOGRAM_CELLS;
    let bucket = 0;
    while (bucket < BUCKETS.length && seconds > (BUCKETS[bucket] ?? Infinity)) bucket++;
    this.#add(offset + bucket, 1);
    this.#add(offset + HISTOGRAM_CELLS - 1, seconds);
  }

  /** Where a route's cells start. Throws for a route that the layout does not know. */
  requireRoute(id: string): number {
    const offset = this.#layout.routes.get(id);
    if (offset === undefined) throw new Error(`The route '${id}' has no cells`);
    return offset;
  }

  /** A function that counts one up; throws for a series that the layout does not know. */
  counter(metric: Metric, labels: Readonly<Record<string, string>> = {}): () => void {
    const offset = this.#requireOffset(metric, labels);
    return () => this.#add(offset, 1);
  }

  /** A function that counts one up for a value of the metric's one label; throws as `counter` does. */
  counters<Value extends string>(metric: Metric, label: string, values: readonly Value[]): (value: Value) => void {
    const offsets = new Map(values.map((value) => [value, this.#requireOffset(metric, { [label]: value })]));
    return (value) => this.#add(offsets.get(value) ?? Number.NaN, 1);
  }

  /** A function that sets a value; throws for a series that the layout does not know. */
  gauge(metric: Metric, labels: Readonly<Record<string, string>> = {}): (value: number) => void {
    const offset = this.#requireOffset(metric, labels);
    return (value) => {
      this.values[offset] = value;
    };
  }

  #add(offset: number, by: number): void {
    this.values[offset] = (this.values[offset] ?? 0) + by;
  }

  #requireOffset(metric: Metric, labels: Readonly<Record<string, string>>): number {
    const offset = this.#offsets.get(cellId(metric, labels));
    if (offset === undefined) throw new Error(`The series ${cellId(metric, labels)} has no cell`);
    return offset;
  }
}

function cellId(metric: Metric, labels: Readonly<Record<string, string>>): string {
  return `${metric.name}${JSON.stringify(labels)}`;
}
