import { isCommand, type Alert, type Recording } from '../../../../alerts/index.ts';
import { promqlOf } from '../../../../dashboards/panels.ts';
import type { Service } from '../../../../service/definition/index.ts';
import { labelsIn } from '../../../../service/telemetry/panels/index.ts';
import type { Breach } from '../../finding.ts';
import { askedOf } from '../../query/asked-of.ts';
import type { PanelRow, Present } from './artefacts.ts';

/** What is wrong in any query: of alerts and what is looked at first, of recording rules, of panels. */
export function queryBreaches({ alerts, recordings, panels, service }: Present): readonly Breach[] {
  return [
    ...alerts.flatMap((alert) => [...alertQuery(alert, service), ...firstLooks(alert, service)]),
    ...recordings.flatMap((recording) => recordingQuery(recording, service)),
    ...panels.flatMap((panel) => panelQueries(panel, service)),
  ];
}

function alertQuery({ id, expression, description }: Alert, service: Service): readonly Breach[] {
  const told = [...description.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label);
  const texts = { path: `alerts.${id}.expression`, textPath: `alerts.${id}.description`, told };
  return breachesOf(service, expression(service), texts);
}

/** Whoever is woken asks these first. */
function firstLooks({ id, runbook }: Alert, service: Service): readonly Breach[] {
  return Object.values(runbook.firstLook(service))
    .filter((answer) => !isCommand(answer))
    .flatMap((query) => breachesOf(service, query, { path: `alerts.${id}.runbook.firstLook` }));
}

function panelQueries({ id, queries, legends }: PanelRow, service: Service): readonly Breach[] {
  return promqlOf({ queries }, service).flatMap((query, index) => {
    const told = labelsIn(legends[index] ?? '');
    const texts = { path: `dashboards.${id}.queries`, textPath: `dashboards.${id}.legends`, told };
    return breachesOf(service, query, texts);
  });
}

/** What is recorded must have the labels that its row in the catalogue says: others follow them from there. */
function recordingQuery({ metric, expression, labels }: Recording, service: Service): readonly Breach[] {
  const path = `alerts.${metric.name}.expression`;
  const breaches = breachesOf(service, expression, { path });
  if (breaches.length > 0) return breaches;
  const kept = new Set([...(askedOf(service)(expression).labels ?? []), ...Object.keys(labels)]);
  const said = new Set(metric.labels);
  const lost = [...said].filter((label) => !kept.has(label));
  const unsaid = [...kept].filter((label) => !said.has(label));
  const differences = [
    ...(lost.length > 0 ? [`has no ${lost.join(', ')}, which its row in the catalogue says`] : []),
    ...(unsaid.length > 0 ? [`has ${unsaid.join(', ')}, of which its row in the catalogue says nothing`] : []),
  ];
  return differences.map((difference) => ({
    path,
    problem: `${difference}: ${expression}`,
    fixes: [{ edit: 'make the labels of the expression and those of the row in service/telemetry/rows the same' }],
  }));
}

type Texts = {
  /** Where the query stands. */
  readonly path: string;
  /** Where the text stands that tells its result, and the labels that it tells; absent: no text does. */
  readonly textPath?: string;
  readonly told?: readonly string[];
};

/** What is wrong in a query, and the labels that its text tells and its result does not have. */
function breachesOf(service: Service, query: string, { path, textPath = path, told = [] }: Texts): readonly Breach[] {
  const { labels, problems } = askedOf(service)(query);
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
