import { setImmediate as nextTurn } from 'node:timers/promises';
import { Registry, type Metric as PromMetric, type RegistryContentType } from 'prom-client';
import type { Metric } from './catalogue.ts';
import type { CellLayout, Labels, Series } from './cells.ts';
import type { Exemplar } from './exemplars.ts';

/** One number that is not kept in cells: metric, labels, value at the time of the scrape. */
export type Reading = { readonly metric: Metric; readonly labels: Labels; readonly read: () => number };

/** How a scrape is written: the text that every Prometheus reads, or OpenMetrics 1.0, which also has exemplars. */
export type ExpositionFormat = 'text' | 'openmetrics';

/** The media type of each format. */
export const CONTENT_TYPES: Readonly<Record<ExpositionFormat, RegistryContentType>> = {
  text: Registry.PROMETHEUS_CONTENT_TYPE,
  openmetrics: Registry.OPENMETRICS_CONTENT_TYPE,
};

/** What a scrape is answered with. */
export type Exposition = {
  /** The text of all series, made anew; default `text`. */
  read(format?: ExpositionFormat): Promise<string>;
};

/** What is written. */
export type ExpositionOptions = {
  readonly layout: CellLayout;
  /** The sums of all processes, in the layout's order. */
  readonly cells: () => Float64Array;
  /** Numbers that no cell keeps; default none. */
  readonly readings?: readonly Reading[];
  /** Labels of every series; default none. */
  readonly constant?: Labels;
  /** The last exemplar of each bucket, by its cell; default none. */
  readonly exemplars?: ReadonlyMap<number, Exemplar>;
};

/** Samples that are written without letting anything else run: about two milliseconds. */
const SLICE = 1_000;

const NO_EXEMPLARS: ReadonlyMap<number, Exemplar> = new Map();

type Value = {
  value: number;
  labels: Record<string, string | number>;
  metricName?: string;
  exemplar?: { labelSet: Record<string, string>; value: number; timestamp: number };
};

/**
 * The text of a scrape: the library writes the format, the numbers are read once when a scrape asks. It is written in
 * slices, since a process that writes ten thousand series at once does nothing else for a third of a second.
 */
export function createExposition({
  layout,
  cells,
  readings = [],
  constant = {},
  exemplars = NO_EXEMPLARS,
}: ExpositionOptions): Exposition {
  const series = Map.groupBy(layout.series, ({ metric }) => metric);
  const read = Map.groupBy(readings, ({ metric }) => metric);
  const metrics = new Set([...series.keys(), ...read.keys()]);
  return {
    async read(format = 'text') {
      const numbers = cells();
      let text = '';
      for (const metric of metrics) {
        let head = true;
        const values = valuesOf(series.get(metric) ?? [], read.get(metric) ?? [], numbers, exemplars);
        for (const slice of slices(values)) {
          const written = await write(metric, slice, format, constant);
          text += head ? written : withoutHead(written);
          head = false;
          await nextTurn();
        }
      }
      return format === 'openmetrics' ? text + END : text;
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

/** The last line of OpenMetrics: what has none was cut off. */
const END = '# EOF\n';

async function write(
  { name, help, type }: Metric,
  values: readonly Value[],
  format: ExpositionFormat,
  constant: Labels,
): Promise<string> {
  const registry = new Registry<RegistryContentType>();
  registry.setContentType(CONTENT_TYPES[format]);
  registry.setDefaultLabels(constant);
  // The name of a counter and the name of its samples differ in OpenMetrics; the library adds what makes the latter.
  const family = format === 'openmetrics' && type === 'counter' ? name.replace(/_total$/, '') : name;
  const get = () => Promise.resolve({ name: family, help, type, aggregator: 'sum', values });
  // prom-client asks no more of a metric than a name and `get`; its types ask for the whole class.
  registry.registerMetric({ name: family, get } as unknown as PromMetric);
  const text = await registry.metrics();
  return text.endsWith(END) ? text.slice(0, -END.length) : text;
}

/** The samples of a text without the two lines that say what the metric is. */
function withoutHead(text: string): string {
  return text.replace(/^# HELP .*\n# TYPE .*\n/, '');
}

function* valuesOf(
  series: readonly Series[],
  readings: readonly Reading[],
  cells: Float64Array,
  exemplars: ReadonlyMap<number, Exemplar>,
): Generator<Value> {
  for (const { labels, read } of readings) yield { labels: { ...labels }, value: read() };
  for (const { metric, labels, offset } of series) {
    if (metric.type !== 'histogram') yield { labels: { ...labels }, value: cells[offset] ?? 0 };
    else yield* histogramOf(metric, labels, cells.subarray(offset), (index) => exemplars.get(offset + index));
  }
}

function* histogramOf(
  { name, buckets = [] }: Metric,
  labels: Labels,
  cells: Float64Array,
  exemplarOf: (index: number) => Exemplar | undefined,
): Generator<Value> {
  let total = 0;
  for (const [index, le] of [...buckets, '+Inf'].entries()) {
    total += cells[index] ?? 0;
    const exemplar = exemplarOf(index);
    yield {
      metricName: `${name}_bucket`,
      labels: { ...labels, le },
      value: total,
      ...(exemplar && { exemplar: promExemplar(exemplar) }),
    };
  }
  yield { metricName: `${name}_sum`, labels: { ...labels }, value: cells[buckets.length + 1] ?? 0 };
  yield { metricName: `${name}_count`, labels: { ...labels }, value: total };
}

function promExemplar({ traceId, value, at }: Exemplar): NonNullable<Value['exemplar']> {
  return { labelSet: { trace_id: traceId }, value, timestamp: at };
}
