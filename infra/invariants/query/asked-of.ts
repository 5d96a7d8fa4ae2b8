import { recordingsOf, ruleGroups } from '../../../alerts/index.ts';
import {
  exportersOf,
  scrapeIntervalOf,
  toMilliseconds,
  type Duration,
  type Service,
} from '../../../service/definition/index.ts';
import { METRICS, RECORDED, type Metric } from '../../../service/telemetry/catalogue.ts';
import { boundedLabels } from './bounded-labels.ts';
import { queryReader, type QueryReader } from './check-query.ts';

const READERS = new WeakMap<Service, QueryReader>();

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
  const recorded = new Map(
    ruleGroups(service).groups.flatMap(({ interval, rules }) =>
      rules.flatMap((rule) => ('record' in rule ? [[rule.record, interval] as const] : [])),
    ),
  );
  const intervalOf = (metric: Metric): Duration => {
    if (metric === METRICS.alerts) return service.monitoring.evaluationInterval;
    return recorded.get(metric.name) ?? scrapeIntervalOf(metric.exporter, service);
  };
  return (metric) => toMilliseconds(intervalOf(metric));
}
