import { setImmediate as nextTurn } from 'node:timers/promises';
import { Registry, type Metric as PromMetric } from 'prom-client';
import type { Metric } from './catalogue.ts';
import type { CellLayout, Labels, Series } from './cells.ts';

/** One number that is not kept in cells: metric, labels, value at the time of the scrape. */
export type Reading = { readonly metric: Metric; readonly labels: Labels; readonly read: () => number };

/** What a scrape is answered with. */
export type Exposition = {
  readonly contentType: string;
  /** The text of all series, made anew. */
  read(): Promise<string>;
};

/** Samples that are written without letting anything else run: about two milliseconds. */
const SLICE = 1_000;

type Value = { value: number; labels: Record<string, string | number>; metricName?: string };

/**
 * The text of a scrape: the library writes the format, the numbers are read once when a scrape asks. It is written in
 * slices, since a process that writes ten thousand series at once does nothing else for a third of a second.
 * `cells` gives the sums of all processes, in the layout's order.
 */
export function createExposition(
  layout: CellLayout,
  cells: () => Float64Array,
  readings: readonly Reading[],
): Exposition {
  const series = Map.groupBy(layout.series, ({ metric }) => metric);
  const read = Map.groupBy(readings, ({ metric }) => metric);
  const metrics = new Set([...series.keys(), ...read.keys()]);
  return {
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
    async read() {
      const numbers = cells();
      let text = '';
      for (const metric of metrics) {
        let head = true;
        for (const slice of slices(valuesOf(series.get(metric) ?? [], read.get(metric) ?? [], numbers))) {
          const written = await write(metric, slice);
          text += head ? written : withoutHead(written);
          head = false;
          await nextTurn();
        }
      }
      return text;
    },
  };
}

function* slices(values: Iterable<Value>): Generator<Value[]> {
  let slice: Value[] = [];
  for (const value of values) {
    if (slice.push(value) < SLICE) continue;
    yield slice;
    slice = [];
  }
  if (slice.length > 0) yield slice;
}

function write({ name, help, type }: Metric, values: readonly Value[]): Promise<string> {
  const registry = new Registry();
  const get = () => Promise.resolve({ name, help, type, aggregator: 'sum', values });
  // prom-client asks no more of a metric than a name and `get`; its types ask for the whole class.
  registry.registerMetric({ name, get } as unknown as PromMetric);
  return registry.metrics();
}

/** The samples of a text without the two lines that say what the metric is. */
function withoutHead(text: string): string {
  return text.replace(/^# HELP .*\n# TYPE .*\n/, '');
}

function* valuesOf(series: readonly Series[], readings: readonly Reading[], cells: Float64Array): Generator<Value> {
  for (const { labels, read } of readings) yield { labels: { ...labels }, value: read() };
  for (const { metric, labels, offset } of series) {
    if (metric.type === 'histogram') yield* histogramOf(metric, labels, cells.subarray(offset));
    else yield { labels: { ...labels }, value: cells[offset] ?? 0 };
  }
}

function* histogramOf({ name, buckets = [] }: Metric, labels: Labels, cells: Float64Array): Generator<Value> {
  let total = 0;
  for (const [index, le] of [...buckets, '+Inf'].entries()) {
    total += cells[index] ?? 0;
    yield { metricName: `${name}_bucket`, labels: { ...labels, le }, value: total };
  }
  yield { metricName: `${name}_sum`, labels: { ...labels }, value: cells[buckets.length + 1] ?? 0 };
  yield { metricName: `${name}_count`, labels: { ...labels }, value: total };
}
