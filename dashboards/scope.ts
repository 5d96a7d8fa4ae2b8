import type { Metric } from '../service/telemetry/catalogue.ts';
import type { Scope } from '../service/telemetry/expression/index.ts';
import type { Matchers } from '../service/telemetry/matcher.ts';

/** The variables of a dashboard, as queries name them. */
export const VARIABLES = {
  datasource: 'datasource',
  environment: 'environment',
  version: 'version',
  pod: 'pod',
  route: 'route',
} as const;

/** The matchers by which a dashboard looks at the series of one exporter in the environment that is chosen. */
export function chosenSeries({ exporter }: Pick<Metric, 'exporter'>): Matchers {
  const job = exporter === 'prometheus' ? {} : { job: exporter };
  return { ...job, namespace: `$${VARIABLES.environment}` };
}

/**
 * The scope of whoever looks at a dashboard: the environment, version and routes that are chosen, and as far back as
 * the width of a pixel asks for. What says itself how far back it looks is a promise of the whole service: it counts
 * every route, and the pods of yesterday, which nobody can choose today.
 */
export const GRAFANA_SCOPE: Scope = {
  matchers: (metric, window) => ({
    ...chosenSeries(metric),
    ...(window === undefined && narrowed(metric)),
  }),
  window: '$__rate_interval',
};

function narrowed({ exporter, labels }: Metric): Matchers {
  if (exporter !== 'gateway') return {};
  return {
    pod: `=~$${VARIABLES.pod}`,
    ...(labels.includes('route') && { route: `=~$${VARIABLES.route}` }),
  };
}
