import type { Service } from '../../../service/definition/index.ts';
import { measuredOf } from '../../../service/gateway/processes/measured.ts';
import { METRICS, type Metric } from '../../../service/telemetry/catalogue.ts';
import { layOutCells } from '../../../service/telemetry/cells.ts';

/** The values that a label of a metric can have, by metric and label; a label that is not there may have any. */
export type BoundedLabels = ReadonlyMap<string, Readonly<Record<string, ReadonlySet<string>>>>;

const KNOWN = new WeakMap<Service, BoundedLabels>();

/** What an environment's gateway lays out is all that it ever tells; of others, what their rows say. */
export function boundedLabels(service: Service): BoundedLabels {
  const known = KNOWN.get(service) ?? readBounds(service);
  KNOWN.set(service, known);
  return known;
}

function readBounds(service: Service): BoundedLabels {
  const bounded = new Map<string, Record<string, Set<string>>>();
  const add = ({ name }: Metric, label: string, value: string): void => {
    const labels = bounded.get(name) ?? {};
    bounded.set(name, labels);
    (labels[label] ??= new Set()).add(value);
  };
  for (const { metric, labels } of layOutCells(measuredOf(service)).series)
    for (const [label, value] of Object.entries(labels)) add(metric, label, value);
  for (const metric of Object.values<Metric>(METRICS)) {
    for (const [label, values] of Object.entries(metric.values ?? {}))
      for (const value of values) add(metric, label, value);
  }
  return bounded;
}
