import type { Service } from '../service/definition/index.ts';
import { wholeUnits } from './whole-units.ts';

/**
 * The configuration of a Prometheus (2.42 and later) of the service's own, except whom it scrapes and tells, which
 * whoever runs it adds as `scrape_configs` and `alerting`. It reads the rules that lie beside it as `rules.yaml`.
 */
export function prometheusConfig({ monitoring }: Service): object {
  return {
    global: {
      scrape_interval: wholeUnits(monitoring.scrapeInterval),
      evaluation_interval: wholeUnits(monitoring.evaluationInterval),
    },
    rule_files: ['rules.yaml'],
  };
}
