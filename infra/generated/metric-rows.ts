import { EXPORTERS, type Exporter } from '../../service/definition/index.ts';
import { METRICS, type Metric } from '../../service/telemetry/catalogue.ts';

/** Head of the table of metrics. */
export const METRIC_HEAD = ['metric', 'type', 'labels', 'tells', 'told by'] as const;

/** Every metric of the catalogue, by who tells it. */
export function metricRows(): readonly (readonly string[])[] {
  const rank = (exporter: Exporter): number => EXPORTERS.indexOf(exporter);
  return Object.values<Metric>(METRICS)
    .toSorted((a, b) => rank(a.exporter) - rank(b.exporter) || (a.name < b.name ? -1 : 1))
    .map(({ name, type, labels, help, buckets, exporter }) => [
      `\`${name}\``,
      buckets ? `${type}: ${buckets.join(', ')}` : type,
      labels.join(', '),
      help,
      exporter,
    ]);
}
