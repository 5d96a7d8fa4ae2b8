import { Registry, type Metric as PromMetric } from 'prom-client';
import type { Metric } from './catalogue.ts';
import type { CellLayout, Series } from './cells.ts';

/** One number that is not kept in cells: metric, labels, value at the time of the scrape. */
export type Reading = {
  readonly metric: Metric;
  readonly labels: Readonly<Record<string, string>>;
  readonly read: () => number;
};

type Value = { value: number; labels: Record<string, string | number>; metricName?: string };

/**
 * A prom-client registry over cells: the library writes the format, the numbers are read when a scrape asks.
 * `cells` gives the sums of all processes, in the layout's order.
 */
export function createRegistry(layout: CellLayout, cells: () => Float64Array, readings: readonly Reading[]): Registry {
  const registry = new Registry();
  const metrics = new Set([...layout.series.map(({ metric }) => metric), ...readings.map(({ metric }) => metric)]);
  for (const metric of metrics) {
    const get = () => {
      const values = cells();
      return Promise.resolve({
        name: metric.name,
        help: metric.help,
        type: metric.type,
        aggregator: 'sum',
        values: [
          ...layout.series.filter((series) => series.metric === metric).flatMap((series) => valuesOf(series, values)),
          ...readings
            .filter((reading) => reading.metric === metric)
            .map(({ labels, read }) => ({ labels, value: read() })),
        ],
      });
    };
    // prom-client asks no more of a metric than a name and `get`; its types ask for the whole class.
    registry.registerMetric({ name: metric.name, get } as unknown as PromMetric);
  }
  return registry;
}

function valuesOf({ metric, labels, offset }: Series, cells: Float64Array): Value[] {
  if (metric.type !== 'histogram') return [{ labels: { ...labels }, value: cells[offset] ?? 0 }];
  const edges = metric.buckets ?? [];
  let total = 0;
  const buckets = [...edges, '+Inf'].map((le, index) => {
    total += cells[offset + index] ?? 0;
    return { metricName: `${metric.name}_bucket`, labels: { ...labels, le }, value: total };
  });
  return [
    ...buckets,
    { metricName: `${metric.name}_sum`, labels: { ...labels }, value: cells[offset + edges.length + 1] ?? 0 },
    { metricName: `${metric.name}_count`, labels: { ...labels }, value: total },
  ];
}
