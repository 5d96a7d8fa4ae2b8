import type { Service } from '../../../service/definition/index.ts';
import type { Breach, Invariant } from '../finding.ts';
import { ARTEFACTS, presentIn, type Artefacts } from './closure/artefacts.ts';
import { drawnBreaches } from './closure/drawn.ts';
import { drilledBreaches } from './closure/drilled.ts';
import { proofBreaches } from './closure/proof.ts';
import { queryBreaches } from './closure/queries.ts';
import { silenceBreaches } from './closure/silence.ts';
import { toldBreaches } from './closure/told.ts';

export type { Artefacts } from './closure/artefacts.ts';

/** Whatever an alert, a panel or an experiment names exists. */
export const closure: Invariant = {
  id: 'closure',
  layers: ['metrics', 'alerts', 'dashboards', 'drills'],
  reason:
    'Prometheus takes a query of a metric or label that does not exist for one that is quiet. ' +
    'Such an alert never fires and such a panel stays empty, and nobody learns it before the outage.',
  formula:
    'every metric, label, value of a label, panel, alert, receiver, runbook section and experiment that is named ' +
    'exists, every metric has an exporter that this environment scrapes, and every window holds two of its values',
  example: {
    edit: 'an alert that names a panel which was renamed',
    breaches: (service) =>
      openEnds(service, {
        ...ARTEFACTS,
        alerts: ARTEFACTS.alerts.slice(0, 1).map((alert) => ({ ...alert, panel: `${alert.panel}-renamed` })),
        inhibitions: [],
        experiments: [],
      }),
  },
  check: (service) => [...openEnds(service), ...toldBreaches(service), ...drilledBreaches(service)],
};

/** Every name in the rows that leads nowhere. */
export function openEnds(service: Service, artefacts: Artefacts = ARTEFACTS): readonly Breach[] {
  const present = presentIn(service, artefacts);
  return [...queryBreaches(present), ...drawnBreaches(present), ...proofBreaches(present), ...silenceBreaches(present)];
}
