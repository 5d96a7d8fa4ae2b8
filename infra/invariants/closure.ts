import { ALERTS } from '../../alerts/index.ts';
import { EXPERIMENTS } from '../../chaos/index.ts';
import { PANELS } from '../../dashboards/index.ts';
import { nearest, type Service } from '../../service/definition/index.ts';
import type { Breach, Invariant } from './finding.ts';
import { checkQuery } from './query/check-query.ts';

/** What closure reads of alerts, panels and experiments. */
export type Artefacts = {
  readonly alerts: readonly AlertRow[];
  readonly panels: readonly PanelRow[];
  readonly experiments: readonly ExperimentRow[];
};

type AlertRow = {
  readonly id: string;
  readonly expression: (service: Service) => string;
  readonly description: string;
  readonly runbook: object;
  readonly panel: string;
  readonly experiment?: string;
  readonly ruleTestOnly?: string;
};

type PanelRow = { readonly id: string; readonly queries: (service: Service) => readonly string[] };

type ExperimentRow = { readonly id: string; readonly trips: string };

/** What Sluice ships. */
export const ARTEFACTS: Artefacts = { alerts: ALERTS, panels: PANELS, experiments: EXPERIMENTS };

/** Whatever an alert, a panel or an experiment names exists. */
export const closure: Invariant = {
  id: 'closure',
  layers: ['metrics', 'alerts', 'dashboards', 'drills'],
  reason:
    'Prometheus takes a query of a metric or label that does not exist for one that is quiet. ' +
    'Such an alert never fires and such a panel stays empty, and nobody learns it before the outage.',
  check: (service) => openEnds(service),
};

/** Every name in the rows that leads nowhere. */
export function openEnds(service: Service, { alerts, panels, experiments }: Artefacts = ARTEFACTS): readonly Breach[] {
  const ids = (rows: readonly { readonly id: string }[]): string[] => rows.map(({ id }) => id);
  return [
    ...alerts.flatMap((alert) => [
      ...alertQuery(alert, service),
      ...named(`alerts.${alert.id}.panel`, alert.panel, ids(panels), 'panel', 'dashboards'),
      ...runbook(alert),
      ...proof(alert, ids(experiments)),
    ]),
    ...panels.flatMap(({ id, queries }) =>
      queries(service).flatMap((query) => queryBreaches(`dashboards.${id}`, query, checkQuery(query).problems)),
    ),
    ...experiments.flatMap(({ id, trips }) => named(`chaos.${id}.trips`, trips, ids(alerts), 'alert', 'alerts')),
  ];
}

function alertQuery({ id, expression, description }: AlertRow, service: Service): Breach[] {
  const path = `alerts.${id}.expression`;
  const query = expression(service);
  const { labels, problems } = checkQuery(query);
  const told = [...description.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label);
  const lost = problems.length > 0 ? [] : told.filter((label) => !labels?.has(label));
  return [
    ...queryBreaches(path, query, problems),
    ...lost.map((label) => ({
      path: `alerts.${id}.description`,
      problem: `tells the label '${label}', which the expression's result does not have: ${query}`,
      fixes: [{ edit: `keep '${label}' in the expression's aggregation, or do not tell it` }],
    })),
  ];
}

function queryBreaches(path: string, query: string, problems: ReturnType<typeof checkQuery>['problems']): Breach[] {
  return problems.map(({ problem, edit }) => ({ path, problem: `${problem}: ${query}`, fixes: [{ edit }] }));
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

function runbook({ id, runbook: section }: AlertRow): Breach[] {
  const empty = Object.entries(section).filter(([, value]) => (value as { length?: number }).length === 0);
  if (Object.keys(section).length > 0 && empty.length === 0) return [];
  return [
    {
      path: `alerts.${id}.runbook`,
      problem: `has no runbook${empty.length > 0 ? ` for ${empty.map(([key]) => key).join(', ')}` : ''}`,
      fixes: [{ edit: 'write what whoever is woken has to know and do' }],
    },
  ];
}

/** An alert that nothing trips on purpose is one that nobody has seen work. */
function proof({ id, experiment, ruleTestOnly }: AlertRow, known: readonly string[]): Breach[] {
  if (experiment !== undefined) return named(`alerts.${id}.experiment`, experiment, known, 'experiment', 'chaos');
  if (ruleTestOnly) return [];
  return [
    {
      path: `alerts.${id}.experiment`,
      problem: 'names neither an experiment that trips it nor, as ruleTestOnly, why only a rule test does',
      fixes: [{ edit: 'name an experiment of chaos, or give the reason as ruleTestOnly' }],
    },
  ];
}
