import { chosenSeries } from '../../../dashboards/scope.ts';
import type { Service } from '../../../service/definition/index.ts';
import { METRICS, select } from '../../../service/telemetry/catalogue.ts';
import { builtDashboards, panelsIn } from '../../dashboards/built.ts';
import { interpolate } from '../../dashboards/interpolate.ts';
import type { TestPrometheus } from '../../support/prometheus.ts';

/** One query of a panel, as Grafana sends it. */
export type Drawn = { readonly panel: string; readonly query: string };

/** A series of the answer to a query. */
export type Answered = {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [at: number, value: string];
};

/** Every query of every dashboard of an environment, for whoever has chosen all versions, pods and routes. */
export async function drawnIn(service: Service, prometheus: TestPrometheus): Promise<readonly Drawn[]> {
  const pods = await query(prometheus, `group by (pod) (${select(METRICS.buildInfo, chosenIn(service))})`);
  const choices = {
    environment: service.namespace,
    version: '.*',
    pod: pods.map(({ metric }) => metric.pod ?? ''),
    route: '.*',
    __rate_interval: '1m',
  };
  const drawn = [...builtDashboards(service).values()].flatMap((board) =>
    panelsIn(board).flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => ({ panel: title, query: interpolate(expr, choices) })),
    ),
  );
  // A panel may stand on several dashboards.
  return [...new Map(drawn.map((each) => [`${each.panel} ${each.query}`, each])).values()];
}

/** The answer of a Prometheus to a query. */
export async function query(prometheus: TestPrometheus, promql: string): Promise<readonly Answered[]> {
  const path = `/api/v1/query?query=${encodeURIComponent(promql)}`;
  return (await prometheus.ask<{ readonly result: readonly Answered[] }>(path)).result;
}

/** Whether a query has an answer that can be drawn: a number, and not the quotient of nothing by nothing. */
export async function isFilled(prometheus: TestPrometheus, { query: promql }: Drawn): Promise<boolean> {
  return (await query(prometheus, promql)).some(({ value: [, value] }) => value !== 'NaN');
}

function chosenIn({ namespace }: Service) {
  return { ...chosenSeries(METRICS.buildInfo), namespace };
}
