import { recordingsOf, ruleGroups } from '../../../alerts/index.ts';
import { exportersOf, toMilliseconds, type Duration, type Service } from '../../../service/definition/index.ts';
import { METRICS, RECORDED, type Metric } from '../../../service/telemetry/catalogue.ts';
import { boundedLabels } from './bounded-labels.ts';
import { queryReader, type QueryReader } from './check-query.ts';

const READERS = new WeakMap<Service, QueryReader>();

/** Exporters of the cluster's own, which its Prometheus asks as often as kube-prometheus-stack does. */
const OF_THE_CLUSTER: readonly Metric['exporter'][] = ['kube-state-metrics', 'kubelet', 'cert-manager'];
const ASKED_BY_THE_CLUSTER: Duration = '30s';

/** What reads queries that the Prometheus of an environment is asked; the same for as long as the definition is. */
export function askedOf(service: Service): QueryReader {
  const reader = READERS.get(service) ?? readerOf(service);
  READERS.set(service, reader);
  return reader;
}

function readerOf(service: Service): QueryReader {
  const recorded = new Set(recordingsOf(service).map(({ metric }) => metric));
  return queryReader({
    metrics: [...Object.values(METRICS), ...recorded],
    unrecorded: Object.values<Metric>(RECORDED).filter((metric) => !recorded.has(metric)),
    exporters: exportersOf(service),
    bounded: boundedLabels(service),
    interval: intervalIn(service),
  });
}

/** How long it is from one value of a metric to the next. */
function intervalIn(service: Service): (metric: Metric) => number {
  const { kind, scrapeInterval, evaluationInterval } = service.monitoring;
  const recorded = new Map(
    ruleGroups(service).groups.flatMap(({ interval, rules }) =>
      rules.flatMap((rule) => ('record' in rule ? [[rule.record, interval] as const] : [])),
    ),
  );
  const intervalOf = (metric: Metric): Duration => {
    if (metric === METRICS.alerts) return evaluationInterval;
    if (kind === 'operator' && OF_THE_CLUSTER.includes(metric.exporter)) return ASKED_BY_THE_CLUSTER;
    return recorded.get(metric.name) ?? scrapeInterval;
  };
  return (metric) => toMilliseconds(intervalOf(metric));
}
