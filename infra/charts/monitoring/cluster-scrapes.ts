import { exportersOf, type Exporter, type Service } from '../../../service/definition/index.ts';
import { METRICS, type Metric } from '../../../service/telemetry/catalogue.ts';
import type { Flow } from '../network/flow.ts';

type Values = Pick<Service, 'datastores' | 'drills' | 'ingress' | 'monitoring' | 'namespace' | 'release' | 'stores'>;

type Told = { readonly exporter: Exporter; readonly host: string; readonly port: number };

/** What the cluster has of its own and a Prometheus of ours scrapes: what the definition says the place of. */
function tellers(values: Values): readonly Told[] {
  const { kubeStateMetrics, certManager } = values.monitoring.cluster;
  const places: Partial<Record<Exporter, string>> = {
    ...(kubeStateMetrics !== undefined && { 'kube-state-metrics': kubeStateMetrics }),
    ...(certManager !== undefined && { 'cert-manager': certManager }),
  };
  return exportersOf(values).flatMap((exporter) => {
    const [host = '', port = ''] = places[exporter]?.split(':') ?? [];
    return host === '' ? [] : [{ exporter, host, port: Number(port) }];
  });
}

/**
 * The `scrape_configs` of what the cluster tells of itself. It tells of everybody; kept is what the catalogue names, and
 * of that what is in the environment's namespace.
 */
export function clusterScrapes(values: Values): readonly object[] {
  return tellers(values).map(({ exporter, host, port }) => ({
    job_name: exporter,
    static_configs: [{ targets: [`${host}:${port}`] }],
    // Namespaces and pods are those of what is told of, and not of who tells.
    honor_labels: true,
    relabel_configs: [{ target_label: 'namespace', replacement: values.namespace }],
    metric_relabel_configs: [
      { source_labels: ['__name__'], regex: namesOf(exporter), action: 'keep' },
      { source_labels: ['namespace'], regex: values.namespace, action: 'keep' },
    ],
  }));
}

/** The way to them. */
export function clusterFlows(values: Values): readonly Flow[] {
  return tellers(values).map(({ host, port }) => ({ from: 'prometheus', to: { host }, ports: [port] }));
}

function namesOf(exporter: Exporter): string {
  return Object.values<Metric>(METRICS)
    .filter((metric) => metric.exporter === exporter)
    .map(({ name }) => name)
    .sort()
    .join('|');
}
