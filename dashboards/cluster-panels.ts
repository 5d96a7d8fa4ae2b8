import { exportersOf } from '../service/definition/index.ts';
import { METRICS } from '../service/telemetry/catalogue.ts';
import { count, divide, increase, max, series, subtract, sum, time } from '../service/telemetry/expression/index.ts';
import { THRESHOLDS } from '../service/telemetry/thresholds.ts';
import type { Panel } from '../service/telemetry/panels/index.ts';

/** Panels of what the cluster tells: of pods, of the autoscaler, of volumes and of certificates. */
export const CLUSTER_PANELS = [
  {
    id: 'container-restarts',
    title: 'Restarts',
    description: 'Containers that ended and were started again; each one is a crash, a kill or a failed probe.',
    unit: 'short',
    kind: 'timeseries',
    exporters: ['kube-state-metrics'],
    queries: () => [sum(['namespace', 'pod', 'container'], increase(series(METRICS.containerRestarts)))],
    legends: ['{{pod}} {{container}}'],
  },
  {
    id: 'autoscaler',
    title: 'Autoscaler',
    description: 'Share of the pods that it may ask for; at 100 % nothing is left to add.',
    unit: 'percentunit',
    kind: 'timeseries',
    exporters: ['kube-state-metrics'],
    queries: () => [
      divide(
        max(['namespace', 'horizontalpodautoscaler'], series(METRICS.autoscalerReplicas)),
        max(['namespace', 'horizontalpodautoscaler'], series(METRICS.autoscalerMax)),
      ),
    ],
    legends: ['{{horizontalpodautoscaler}}'],
  },
  {
    id: 'container-memory',
    title: 'Memory of containers',
    description: 'What the kernel cannot take back from each container; at its limit it kills one.',
    unit: 'bytes',
    kind: 'timeseries',
    exporters: ['kubelet'],
    queries: () => [max(['namespace', 'pod', 'container'], series(METRICS.containerMemory, { container: '!=' }))],
    legends: ['{{pod}} {{container}}'],
  },
  {
    id: 'volumes',
    title: 'Volumes',
    description: 'Share of each volume that is free. On a full one its store stops.',
    unit: 'percentunit',
    kind: 'timeseries',
    exporters: ['kubelet'],
    queries: () => [
      divide(
        max(['namespace', 'persistentvolumeclaim'], series(METRICS.volumeAvailable)),
        max(['namespace', 'persistentvolumeclaim'], series(METRICS.volumeCapacity)),
      ),
    ],
    legends: ['{{persistentvolumeclaim}}'],
  },
  {
    id: 'certificates',
    title: 'Certificates',
    description: 'Time until each certificate expires; it is renewed long before.',
    unit: 's',
    kind: 'stat',
    exporters: ['cert-manager'],
    queries: () => [subtract(max(['namespace', 'name'], series(METRICS.certificateExpiry)), time())],
    legends: ['{{name}}'],
    threshold: () => ({ value: THRESHOLDS.certificateLasts, bad: 'below' }),
  },
  {
    id: 'cluster-told',
    title: 'What the cluster tells',
    description:
      'Series of this environment that the cluster tells; none is a scrape that fails, not an empty cluster.',
    unit: 'short',
    kind: 'timeseries',
    exporters: ['kube-state-metrics', 'kubelet'],
    queries: (service) =>
      [METRICS.containerRestarts, METRICS.containerMemory]
        .filter(({ exporter }) => exportersOf(service).includes(exporter))
        .map((metric) => count(['job', 'namespace'], series(metric))),
    legends: ['{{job}}', '{{job}}'],
  },
] as const satisfies readonly Panel[];
