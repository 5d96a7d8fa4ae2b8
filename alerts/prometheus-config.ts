import { formatDuration, toMilliseconds, type Service } from '../service/definition/index.ts';

/**
 * The configuration of a Prometheus (2.42 and later) of the service's own, except what it scrapes, which whoever runs
 * it adds as `scrape_configs`. It reads the rules that lie beside it as `rules.yaml`, and tells the Alertmanager of
 * its namespace.
 */
export function prometheusConfig({ monitoring }: Service): object {
  const interval = formatDuration(toMilliseconds(monitoring.scrapeInterval));
  return {
    global: { scrape_interval: interval, evaluation_interval: interval },
    rule_files: ['rules.yaml'],
    alerting: { alertmanagers: [{ static_configs: [{ targets: ['alertmanager:9093'] }] }] },
  };
}
