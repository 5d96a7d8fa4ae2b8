import { alertsOf, OBJECTIVE_IDS } from '../../../alerts/index.ts';
import { exportersOf, REDIS_STORES, TEAMS, toSeconds, type Service } from '../../../service/definition/index.ts';
import { measuredOf } from '../../../service/gateway/processes/measured.ts';
import { METRICS, RECORDED, type Metric, type MetricExporter } from '../../../service/telemetry/catalogue.ts';
import { layOutCells } from '../../../service/telemetry/cells.ts';

/** The values that a label of a metric can have, by metric and label; a label that is not there may have any. */
export type BoundedLabels = ReadonlyMap<string, Readonly<Record<string, ReadonlySet<string>>>>;

const KNOWN = new WeakMap<Service, BoundedLabels>();

type Values = Readonly<Record<string, readonly string[]>>;

/**
 * What an environment's gateway lays out is all that it ever tells; of others, what their rows say, what scrapes and
 * rules add to it, and what the definition calls its stores.
 */
export function boundedLabels(service: Service): BoundedLabels {
  const known = KNOWN.get(service) ?? readBounds(service);
  KNOWN.set(service, known);
  return known;
}

function readBounds(service: Service): BoundedLabels {
  const bounded = new Map<string, Record<string, Set<string>>>();
  const add = ({ name }: Metric, values: Values): void => {
    const labels = bounded.get(name) ?? {};
    bounded.set(name, labels);
    for (const [label, all] of Object.entries(values))
      for (const value of all) (labels[label] ??= new Set()).add(value);
  };
  for (const { metric, labels } of layOutCells(measuredOf(service)).series)
    for (const [label, value] of Object.entries(labels)) add(metric, { [label]: [value] });
  // Of these another rule tells whether they are edges, and which would be.
  const thresholds = [service.slo.latency, service.release.latency].map(toSeconds);
  for (const metric of Object.values<Metric>(METRICS)) {
    add(metric, { ...metric.values, ...scrapedValues(metric, service) });
    if (metric.buckets) add(metric, { le: [...[...metric.buckets, ...thresholds].flatMap(spelled), '+Inf'] });
  }
  add(METRICS.alerts, { alertname: alertsOf(service).map(({ id }) => id), team: TEAMS });
  for (const metric of Object.values<Metric>(RECORDED))
    add(metric, { namespace: [service.namespace], ...(metric.labels.includes('slo') && { slo: OBJECTIVE_IDS }) });
  return bounded;
}

/** What a scrape lays over what an exporter tells. */
function scrapedValues({ exporter, labels }: Metric, service: Service): Values {
  return {
    namespace: [service.namespace],
    job: jobsOf(exporter, service),
    ...(exporter === 'redis-exporter' && labels.includes('store') && { store: Object.values(REDIS_STORES) }),
  };
}

/** The jobs that a metric is told under: Prometheus speaks of all, and a withdrawn release tells what the gateway does. */
function jobsOf(exporter: MetricExporter, service: Service): readonly MetricExporter[] {
  const scraped = exportersOf(service);
  if (exporter === 'prometheus') return scraped;
  return exporter === 'gateway' ? scraped.filter((job) => job.startsWith(exporter)) : [exporter];
}

/** An edge of a bucket as the label `le`: Prometheus 3 writes whole numbers as `1.0`, older ones as `1`. */
function spelled(edge: number): readonly string[] {
  return Number.isInteger(edge) ? [`${edge}`, `${edge}.0`] : [`${edge}`];
}
