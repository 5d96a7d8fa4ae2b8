import type { Alert } from '../../../../alerts/index.ts';
import type { Service } from '../../../../service/definition/index.ts';
import type { Breach } from '../../finding.ts';
import { idsOf, named, type ExperimentRow, type Present } from './artefacts.ts';

/** Alerts that say nothing to whoever is woken, or that nobody has seen work; experiments of alerts that are not there. */
export function proofBreaches({ alerts, alertIds, experiments, service }: Present): readonly Breach[] {
  return [
    ...alerts.flatMap((alert) => [...runbookSection(alert, service), ...proof(alert, experiments)]),
    ...experiments.flatMap(({ id, trips, mustNotTrip }) => [
      ...trips.flatMap((name) => named(`chaos.${id}.trips`, name, alertIds, 'alert', 'alerts')),
      ...mustNotTrip.flatMap((name) => named(`chaos.${id}.mustNotTrip`, name, alertIds, 'alert', 'alerts')),
    ]),
  ];
}

function runbookSection({ id, runbook }: Alert, service: Service): readonly Breach[] {
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
function proof({ id, experiment, ruleTestOnly }: Alert, experiments: readonly ExperimentRow[]): readonly Breach[] {
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
  if (!row) return named(path, experiment, idsOf(experiments), 'experiment', 'chaos');
  if (row.trips.includes(id)) return [];
  return [
    {
      path,
      problem: `names the experiment '${experiment}', which must trip ${row.trips.join(', ') || 'nothing'} instead`,
      fixes: [{ edit: `name an experiment that trips ${id}, or have the chain of chaos.${experiment} expect ${id}` }],
    },
  ];
}
