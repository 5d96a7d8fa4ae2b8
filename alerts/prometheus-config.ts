import { formatDuration, toMilliseconds, type Service } from '../service/definition/index.ts';
import { GATEWAY_JOB } from '../service/telemetry/catalogue.ts';

/**
 * A whole configuration for a Prometheus (2.42 and later) of the service's own, in the service's namespace: it finds
 * the gateway's pods by the API server, reads the rules that lie beside this configuration as `rules.yaml`, and tells
 * the Alertmanager of its namespace.
 */
export function prometheusConfig({ namespace, monitoring }: Service): object {
  const interval = formatDuration(toMilliseconds(monitoring.scrapeInterval));
  return {
    global: { scrape_interval: interval, evaluation_interval: interval },
    rule_files: ['rules.yaml'],
    alerting: { alertmanagers: [{ static_configs: [{ targets: ['alertmanager:9093'] }] }] },
    scrape_configs: [
      {
        job_name: GATEWAY_JOB,
        kubernetes_sd_configs: [
          {
            role: 'pod',
            namespaces: { names: [namespace] },
            selectors: [{ role: 'pod', label: 'app.kubernetes.io/component=gateway' }],
          },
        ],
        relabel_configs: [
          { action: 'keep', source_labels: ['__meta_kubernetes_pod_container_port_name'], regex: 'ops' },
          // The object of a pod that has ended stays for a while, and would count as a target that is down.
          { action: 'drop', source_labels: ['__meta_kubernetes_pod_phase'], regex: 'Succeeded|Failed' },
          { source_labels: ['__meta_kubernetes_namespace'], target_label: 'namespace' },
          { source_labels: ['__meta_kubernetes_pod_name'], target_label: 'pod' },
        ],
      },
    ],
  };
}
