import type { Service } from '../service/definition/index.ts';
import { wholeUnits } from './whole-units.ts';

/**
 * The configuration of a Prometheus (2.42 and later) of the service's own, except what it scrapes, which whoever runs
 * it adds as `scrape_configs`. It reads the rules that lie beside it as `rules.yaml`, and tells the Alertmanager of
 * its namespace.
 */
export function prometheusConfig({ monitoring }: Service): object {
  return {
    global: {
      scrape_interval: wholeUnits(monitoring.scrapeInterval),
      evaluation_interval: wholeUnits(monitoring.evaluationInterval),
    },
    rule_files: ['rules.yaml'],
    alerting: { alertmanagers: [{ static_configs: [{ targets: ['alertmanager:9093'] }] }] },
  };
}
