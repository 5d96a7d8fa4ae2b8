import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableHide,
  VariableRefresh,
  VariableSort,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Service } from '../service/definition/index.ts';
import { METRICS, select, type Metric } from '../service/telemetry/catalogue.ts';
import { chosenSeries, VARIABLES } from './scope.ts';

/** Whoever looks chooses which Prometheus is asked; a dashboard knows none by name. */
export const DATASOURCE = { type: 'prometheus', uid: `\${${VARIABLES.datasource}}` };

const ALL = { text: 'All', value: '$__all' };

// Asked again with every refresh: pods come and go while somebody looks.
const FRESH = VariableRefresh.OnTimeRangeChanged;

/** What whoever looks at a dashboard chooses; it opens with the environment that it was made for. */
export function variables({ namespace }: Pick<Service, 'namespace'>): readonly Builder<VariableModel>[] {
  const { buildInfo, requestDuration } = METRICS;
  return [
    new DatasourceVariableBuilder(VARIABLES.datasource).label('Prometheus').type('prometheus'),
    values(VARIABLES.environment, buildInfo, { job: buildInfo.exporter }, 'namespace')
      .label('Environment')
      .current({ text: namespace, value: namespace }),
    values(VARIABLES.version, buildInfo, chosenSeries(buildInfo), 'version')
      .label('Version')
      .includeAll(true)
      .allValue('.*')
      .current(ALL)
      .refresh(FRESH),
    // The series of requests do not tell their version, but their pod. All of these, and not anything: so that the
    // pods that nobody chooses, this variable being hidden, are those of the version that somebody chose.
    values(VARIABLES.pod, buildInfo, { ...chosenSeries(buildInfo), version: `=~$${VARIABLES.version}` }, 'pod')
      .hide(VariableHide.HideVariable)
      .multi(true)
      .includeAll(true)
      .current({ text: [ALL.text], value: [ALL.value] })
      .refresh(FRESH),
    values(VARIABLES.route, requestDuration, chosenSeries(requestDuration), 'route', '_count')
      .label('Route')
      .multi(true)
      .includeAll(true)
      .allValue('.*')
      .current({ text: [ALL.text], value: [ALL.value] }),
  ];
}

/** A variable whose values are those that a label of a metric has. */
function values(
  name: string,
  metric: Metric,
  matchers: Readonly<Record<string, string>>,
  label: string,
  suffix = '',
): QueryVariableBuilder {
  const query = `label_values(${select(metric, matchers, suffix)}, ${label})`;
  return new QueryVariableBuilder(name)
    .datasource(DATASOURCE)
    .query({ qryType: LABEL_VALUES, query, refId: 'A' })
    .definition(query)
    .refresh(VariableRefresh.OnDashboardLoad)
    .sort(VariableSort.AlphabeticalAsc);
}

/** Grafana's number for the values of a label, in its editor of variables. */
const LABEL_VALUES = 1;
