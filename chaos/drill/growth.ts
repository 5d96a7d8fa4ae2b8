import { METRICS, select, type Metric } from '../../service/telemetry/catalogue.ts';
import type { Service } from '../../service/definition/index.ts';
import type { Sample } from './stand.ts';

/** What has grown since it was first looked at. */
export type Growth = {
  /** Takes the series as they are now; the first look is where counting begins. */
  add(samples: readonly Sample[]): void;
  total(): number;
};

/**
 * How much counters have grown, together. A series that falls has begun again from 0, as of a program that was
 * restarted; one that comes later counts from 0; one that goes keeps what it had.
 */
export function createGrowth(): Growth {
  const known = new Map<string, number>();
  let total = 0;
  let isFirst = true;
  return {
    add(samples) {
      for (const { labels, value } of samples) {
        const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
        const before = known.get(key) ?? (isFirst ? value : 0);
        total += value >= before ? value - before : value;
        known.set(key, value);
      }
      isFirst = false;
    },
    total: () => total,
  };
}

/** A metric of the catalogue by its name. */
export function findMetric(name: string): Metric | undefined {
  return Object.values(METRICS).find((metric) => metric.name === name);
}

/** PromQL of the series of a metric in an environment; of a histogram, how many observations it has. */
export function countedSeries(name: string, labels: Readonly<Record<string, string>>, { namespace }: Service): string {
  const metric = findMetric(name);
  if (!metric) throw new Error(`the catalogue has no metric '${name}'`);
  return select(metric, { job: metric.exporter, namespace, ...labels }, metric.type === 'histogram' ? '_count' : '');
}
