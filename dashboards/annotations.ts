import { AnnotationQueryBuilder, type AnnotationQuery } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Exporter } from '../service/definition/index.ts';
import { METRICS, select } from '../service/telemetry/catalogue.ts';
import { above, increase, max, series, sum, toPromql } from '../service/telemetry/expression/index.ts';
import { chosenSeries, GRAFANA_SCOPE } from './scope.ts';
import { DATASOURCE } from './variables.ts';

/** What is marked over all graphs of a dashboard while its query has a result. */
type Annotation = {
  readonly name: string;
  readonly colour: string;
  /** Who must be scraped for it to be there. */
  readonly exporter: Exporter;
  readonly query: () => string;
  /** The labels that tell one mark from the other; they are its tags. */
  readonly labels: readonly string[];
};

const RELEASE_LABELS = ['version', 'commit'];

/** What explains most of what a graph does of a sudden. */
const ANNOTATIONS: readonly Annotation[] = [
  { name: 'Releases', colour: 'blue', exporter: 'gateway', query: releaseAppears, labels: RELEASE_LABELS },
  {
    name: 'Decisions',
    colour: 'red',
    exporter: 'guard',
    query: () => toPromql(above(sum(['outcome'], increase(series(METRICS.releaseOutcomes))), 0), GRAFANA_SCOPE),
    labels: ['outcome'],
  },
  {
    name: 'Drills',
    colour: 'purple',
    exporter: 'drill-keeper',
    query: () => toPromql(above(max(['experiment'], series(METRICS.drillActive)), 0), GRAFANA_SCOPE),
    labels: ['experiment'],
  },
];

/** The annotations that what is scraped can tell. */
export function annotations(scraped: readonly Exporter[]): readonly Builder<AnnotationQuery>[] {
  return ANNOTATIONS.filter(({ exporter }) => scraped.includes(exporter)).map(({ name, colour, query, labels }) =>
    new AnnotationQueryBuilder()
      .name(name)
      .datasource(DATASOURCE)
      .enable(true)
      .iconColor(colour)
      .expr(query())
      .step('30s')
      .titleFormat(name)
      .textFormat(labels.map((label) => `{{${label}}}`).join(' '))
      .tagKeys(labels.join(',')),
  );
}

/** A version runs that did not run a moment ago. */
function releaseAppears(): string {
  const { buildInfo } = METRICS;
  const selector = select(buildInfo, chosenSeries(buildInfo));
  const running = (at: string): string => `count by (${RELEASE_LABELS.join(', ')}) (${selector}${at})`;
  return `${running('')} unless ${running(` offset ${GRAFANA_SCOPE.window}`)}`;
}
