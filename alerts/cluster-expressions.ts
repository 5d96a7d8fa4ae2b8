import { exportersOf, type Exporter, type Service } from '../service/definition/index.ts';
import { METRICS, selectExported, type Metric } from '../service/telemetry/catalogue.ts';
import { THRESHOLDS } from '../service/telemetry/thresholds.ts';

const RESTARTS = 3;

/** What only the cluster tells, one metric that is always there of each who tells it. */
const WITNESSES: Readonly<Partial<Record<Exporter, Metric>>> = {
  'kube-state-metrics': METRICS.containerRestarts,
  kubelet: METRICS.containerMemory,
};

/** An autoscaler has asked for as many pods as it may. */
export function autoscalerAtMax({ namespace }: Service): string {
  const by = 'max by (namespace, horizontalpodautoscaler)';
  const now = selectExported(namespace, METRICS.autoscalerReplicas);
  return `${by} (${now}) >= ${by} (${selectExported(namespace, METRICS.autoscalerMax)})`;
}

/** Containers keep ending and being started again. */
export function containersRestart({ namespace }: Service): string {
  const restarts = selectExported(namespace, METRICS.containerRestarts);
  return `sum by (namespace, pod, container) (increase(${restarts}[30m])) >= ${RESTARTS}`;
}

/** A certificate was not renewed when it should have been. */
export function certificateExpires({ namespace }: Service): string {
  return `min by (namespace, name) (${selectExported(namespace, METRICS.certificateExpiry)}) - time() < ${THRESHOLDS.certificateLasts}`;
}

/** Nothing of this namespace comes from what tells of the cluster. */
export function clusterMetricsMissing(service: Service): string {
  const scraped = exportersOf(service);
  const witnesses = (Object.keys(WITNESSES) as Exporter[]).filter((exporter) => scraped.includes(exporter));
  return witnesses
    .flatMap((exporter) => WITNESSES[exporter] ?? [])
    .map((metric) => `absent(${selectExported(service.namespace, metric)})`)
    .join(' or ');
}
