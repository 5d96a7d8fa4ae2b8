import { LABEL_VALUES, METRICS, OTHER_MODEL, type Metric } from './catalogue.ts';
import { Exemplars } from './exemplars.ts';

/** The routes as the metrics know them. */
export type MeasuredRoute = { readonly id: string; readonly method: string; readonly lane: string };

/** What has series of its own, and follows from the definition. */
export type Measured = {
  readonly routes: readonly MeasuredRoute[];
  readonly lanes: readonly string[];
  /** Names of limits. */
  readonly limits: readonly string[];
  /** Names of breakers. */
  readonly breakers: readonly string[];
  /** Names of the models that are told apart; default none. Every other counts as `other`. */
  readonly models?: readonly string[];
  /** Names of the providers of models; default none. */
  readonly providers?: readonly string[];
};

/** Labels of one series. */
export type Labels = Readonly<Record<string, string>>;

/** One series: where its numbers stand in the cells. */
export type Series = {
  readonly metric: Metric;
  readonly labels: Labels;
  /**
   * First cell; a histogram takes one for each bucket, one for +Inf and one for the sum, and a value of which the
   * newest counts takes one for the time when it was set.
   */
  readonly offset: number;
};

/** Where each series stands; the same in every process, since it follows from the definition alone. */
export type CellLayout = {
  readonly series: readonly Series[];
  readonly size: number;
  /** Offset of each route's first status class. */
  readonly routes: ReadonlyMap<string, number>;
};

const LATENCY_EDGES = Float64Array.from(METRICS.requestDuration.buckets);
const LATENCY_CELLS = cellsOf(METRICS.requestDuration);

/**
 * The layout for what is measured. Every series exists from the start, with 0: a counter that is born with its first
 * error would hide that error from `rate`.
 */
export function layOutCells({
  routes: measured,
  lanes,
  limits,
  breakers,
  models = [],
  providers = [],
}: Measured): CellLayout {
  const series: Series[] = [];
  const routes = new Map<string, number>();
  let size = 0;
  const place = (metric: Metric, labels: Labels): void => {
    series.push({ metric, labels, offset: size });
    size += cellsOf(metric);
  };
  for (const { id, method, lane } of measured) {
    routes.set(id, size);
    for (const statusClass of LABEL_VALUES.status_class)
      place(METRICS.requestDuration, { route: id, method, status_class: statusClass, lane });
  }
  const values: Readonly<Record<string, readonly string[]>> = {
    ...LABEL_VALUES,
    lane: lanes,
    limit: limits,
    breaker: breakers,
    model: [...models, OTHER_MODEL],
    provider: providers,
  };
  const metrics: readonly Metric[] = Object.values(METRICS);
  for (const metric of metrics) {
    if (metric === METRICS.requestDuration || metric.exporter !== 'gateway' || metric.source === 'primary') continue;
    for (const labels of combinations(metric.labels, { ...values, ...metric.values })) place(metric, labels);
  }
  return { series, size, routes };
}

/** The numbers of one process: plain cells, since a metrics library's look-up costs more than the rest of a hit. */
export class Cells {
  readonly values: Float64Array;
  /** Examples of what the buckets of requests have counted. */
  readonly exemplars = new Exemplars();
  readonly #layout: CellLayout;
  readonly #offsets: ReadonlyMap<string, number>;

  constructor(layout: CellLayout) {
    this.#layout = layout;
    this.values = new Float64Array(layout.size);
    this.#offsets = new Map(layout.series.map(({ metric, labels, offset }) => [cellId(metric, labels), offset]));
  }

  /** Counts one answer of a route; `status` is its HTTP status, `traceId` names its trace where that is kept. */
  observeRequest(routeOffset: number, status: number, seconds: number, traceId?: string): void {
    const statusClass = status >= 100 && status < 600 ? Math.floor(status / 100) - 1 : 4;
    const cell = this.#observe(routeOffset + statusClass * LATENCY_CELLS, LATENCY_EDGES, seconds);
    if (traceId !== undefined) this.exemplars.keep({ cell, value: seconds, traceId, at: Date.now() / 1000 });
  }

  /** Where a route's cells start. Throws for a route that the layout does not know. */
  requireRoute(id: string): number {
    const offset = this.#layout.routes.get(id);
    if (offset === undefined) throw new Error(`The route '${id}' has no cells`);
    return offset;
  }

  /** A function that counts one up; throws for a series that the layout does not know. */
  counter(metric: Metric, labels: Labels = {}): () => void {
    const offset = this.#requireOffset(metric, labels);
    return () => this.#add(offset, 1);
  }

  /** A function that counts one up for a value of the metric's one label; throws as `counter` does. */
  counters<Value extends string>(metric: Metric, label: string, values: readonly Value[]): (value: Value) => void {
    const offsets = new Map(values.map((value) => [value, this.#requireOffset(metric, { [label]: value })]));
    return (value) => this.#add(offsets.get(value) ?? Number.NaN, 1);
  }

  /** A function that counts one up for any labels of a metric, for what happens seldom; it throws as `counter` does. */
  tally(metric: Metric): (labels: Labels) => void {
    return (labels) => this.#add(this.#requireOffset(metric, labels), 1);
  }

  /** A function that adds to a counter; throws for a series that the layout does not know. */
  adder(metric: Metric, labels: Labels = {}): (by: number) => void {
    const offset = this.#requireOffset(metric, labels);
    return (by) => this.#add(offset, by);
  }

  /** A function that sets a value; throws for a series that the layout does not know. */
  gauge(metric: Metric, labels: Labels = {}): (value: number) => void {
    const offset = this.#requireOffset(metric, labels);
    const isTimed = metric.across === 'newest';
    return (value) => {
      this.values[offset] = value;
      if (isTimed) this.values[offset + 1] = Date.now();
    };
  }

  /** A function that counts a number in its bucket; throws for a series that the layout does not know. */
  histogram(metric: Metric, labels: Labels = {}): (value: number) => void {
    const offset = this.#requireOffset(metric, labels);
    const edges = Float64Array.from(metric.buckets ?? []);
    return (value) => void this.#observe(offset, edges, value);
  }

  /** Counts a value; the cell of its bucket. */
  #observe(offset: number, edges: Float64Array, value: number): number {
    let bucket = 0;
    while (bucket < edges.length && value > (edges[bucket] ?? Infinity)) bucket++;
    this.#add(offset + bucket, 1);
    this.#add(offset + edges.length + 1, value);
    return offset + bucket;
  }

  #add(offset: number, by: number): void {
    this.values[offset] = (this.values[offset] ?? 0) + by;
  }

  #requireOffset(metric: Metric, labels: Labels): number {
    const offset = this.#offsets.get(cellId(metric, labels));
    if (offset === undefined) throw new Error(`The series ${cellId(metric, labels)} has no cell`);
    return offset;
  }
}

/** Every combination of the labels' values. */
function combinations(labels: readonly string[], values: Readonly<Record<string, readonly string[]>>): Labels[] {
  return labels.reduce<Labels[]>(
    (found, label) => found.flatMap((rest) => (values[label] ?? []).map((value) => ({ ...rest, [label]: value }))),
    [{}],
  );
}

function cellsOf(metric: Metric): number {
  if (metric.type === 'histogram') return (metric.buckets ?? []).length + 2;
  return metric.across === 'newest' ? 2 : 1;
}

function cellId(metric: Metric, labels: Labels): string {
  return `${metric.name}${JSON.stringify(labels)}`;
}
