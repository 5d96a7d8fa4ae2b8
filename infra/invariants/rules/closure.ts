import { ALERTS, isFor, recordingsOf, type Alert } from '../../../alerts/index.ts';
import { EXPERIMENTS } from '../../../chaos/index.ts';
// Not by the index, which loads Grafana's builders: a check reads the rows alone.
import { PANELS, promqlOf } from '../../../dashboards/panels.ts';
import { exportersOf, nearest, runsAny, type Service } from '../../../service/definition/index.ts';
import type { Panel } from '../../../service/telemetry/panels/index.ts';
import type { Breach, Invariant } from '../finding.ts';
import { boundedLabels } from '../query/bounded-labels.ts';
import { checkQuery } from '../query/check-query.ts';

/** What closure reads: the rows of alerts, panels and experiments. */
export type Artefacts = {
  readonly alerts: readonly Alert[];
  readonly panels: readonly Pick<Panel, 'id' | 'queries' | 'legends' | 'exporters'>[];
  readonly experiments: readonly ExperimentRow[];
};

type ExperimentRow = { readonly id: string; readonly trips: string; readonly mustNotTrip: readonly string[] };

/** What Sluice ships. */
const ARTEFACTS: Artefacts = { alerts: ALERTS, panels: PANELS, experiments: EXPERIMENTS };

/** Whatever an alert, a panel or an experiment names exists. */
export const closure: Invariant = {
  id: 'closure',
  layers: ['metrics', 'alerts', 'dashboards', 'drills'],
  reason:
    'Prometheus takes a query of a metric or label that does not exist for one that is quiet. ' +
    'Such an alert never fires and such a panel stays empty, and nobody learns it before the outage.',
  formula:
    'every metric, label, panel, alert, runbook section and experiment that is named exists, ' +
    'and every metric has an exporter that this environment scrapes',
  example: {
    edit: 'an alert that names a panel which was renamed',
    breaches: (service) =>
      openEnds(service, {
        ...ARTEFACTS,
        alerts: ARTEFACTS.alerts.slice(0, 1).map((alert) => ({ ...alert, panel: `${alert.panel}-renamed` })),
      }),
  },
  check: (service) => openEnds(service),
};

/** Every name in the rows that leads nowhere. */
export function openEnds(service: Service, artefacts: Artefacts = ARTEFACTS): readonly Breach[] {
  const { experiments } = artefacts;
  const here = ({ exporters }: Pick<Panel, 'exporters'>): boolean => runsAny(service, exporters);
  const alerts = artefacts.alerts.filter((alert) => isFor(alert, service));
  const panels = artefacts.panels.filter(here);
  const ids = (rows: readonly { readonly id: string }[]): string[] => rows.map(({ id }) => id);
  return [
    ...alerts.flatMap((alert) => [
      ...alertQuery(alert, service),
      ...named(`alerts.${alert.id}.panel`, alert.panel, ids(panels), 'panel', 'dashboards'),
      ...runbookSection(alert, service),
      ...proof(alert, experiments),
    ]),
    ...recordingsOf(service).flatMap(({ metric: { name }, expression }) =>
      queryBreaches(service, expression, { path: `alerts.${name}.expression`, textPath: '', told: [] }),
    ),
    ...panels.flatMap((panel) => panelQueries(panel, service)),
    ...experiments.flatMap(({ id, trips, mustNotTrip }) => [
      ...named(`chaos.${id}.trips`, trips, ids(alerts), 'alert', 'alerts'),
      ...mustNotTrip.flatMap((name) => named(`chaos.${id}.mustNotTrip`, name, ids(alerts), 'alert', 'alerts')),
    ]),
  ];
}

function alertQuery({ id, expression, description }: Alert, service: Service): Breach[] {
  const told = [...description.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label);
  const texts = { path: `alerts.${id}.expression`, textPath: `alerts.${id}.description`, told };
  return queryBreaches(service, expression(service), texts);
}

function panelQueries({ id, queries, legends }: Artefacts['panels'][number], service: Service): Breach[] {
  return promqlOf({ queries }, service).flatMap((query, index) => {
    const told = [...(legends[index] ?? '').matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
    const texts = { path: `dashboards.${id}.queries`, textPath: `dashboards.${id}.legends`, told };
    return queryBreaches(service, query, texts);
  });
}

type Texts = {
  /** Where the query stands. */
  readonly path: string;
  /** Where the text stands that tells its result. */
  readonly textPath: string;
  /** The labels that the text tells. */
  readonly told: readonly string[];
};

/** What is wrong in a query, and the labels that its text tells and its result does not have. */
function queryBreaches(service: Service, query: string, { path, textPath, told }: Texts): Breach[] {
  const exporters = exportersOf(service);
  const { labels, problems } = checkQuery(query, { exporters, bounded: boundedLabels(service) });
  if (problems.length > 0) {
    return problems.map(({ problem, edit }) => ({ path, problem: `${problem}: ${query}`, fixes: [{ edit }] }));
  }
  const lost = told.filter((label) => !labels?.has(label));
  return lost.map((label) => ({
    path: textPath,
    problem: `tells the label '${label}', which the result does not have: ${query}`,
    fixes: [{ edit: `keep '${label}' in the query's aggregation, or do not tell it` }],
  }));
}

function named(path: string, name: string, known: readonly string[], kind: string, folder: string): Breach[] {
  if (known.includes(name)) return [];
  const hint = nearest(name, known) ?? `or add it to ${folder}`;
  return [
    {
      path,
      problem: `names the ${kind} '${name}', which does not exist`,
      fixes: [{ edit: `name an existing ${kind}; ${hint}` }],
    },
  ];
}

function runbookSection({ id, runbook }: Alert, service: Service): Breach[] {
  const empty = Object.entries({ ...runbook, firstLook: Object.keys(runbook.firstLook(service)) })
    .filter(([, content]) => content.length === 0)
    .map(([part]) => part);
  if (empty.length === 0) return [];
  return [
    {
      path: `alerts.${id}.runbook`,
      problem: `says nothing for ${empty.join(', ')}`,
      fixes: [{ edit: 'write what whoever is woken has to know and do' }],
    },
  ];
}

/** An alert that nothing trips on purpose is one that nobody has seen work. */
function proof({ id, experiment, ruleTestOnly }: Alert, experiments: readonly ExperimentRow[]): Breach[] {
  const path = `alerts.${id}.experiment`;
  if (experiment === undefined) {
    if (ruleTestOnly !== '') return [];
    return [
      {
        path,
        problem: 'names no experiment that trips it, and gives no reason as ruleTestOnly',
        fixes: [{ edit: 'name an experiment of chaos, or say why only a rule test trips it' }],
      },
    ];
  }
  const row = experiments.find((candidate) => candidate.id === experiment);
  if (!row) {
    const known = experiments.map((candidate) => candidate.id);
    return named(path, experiment, known, 'experiment', 'chaos');
  }
  if (row.trips === id) return [];
  return [
    {
      path,
      problem: `names the experiment '${experiment}', which must trip ${row.trips} instead`,
      fixes: [{ edit: `name an experiment that trips ${id}, or make chaos.${experiment}.trips ${id}` }],
    },
  ];
}
