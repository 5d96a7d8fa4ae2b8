import { EXPERIMENTS, tripsOf } from '../../../chaos/index.ts';
import { documentOf } from '../deploy/documents.ts';
import { tableOf } from '../table.ts';
import { meansInWords } from './means-in-words.ts';

const NONE = '-';

/** Every experiment: what does its fault where, the alerts that it trips, and what is believed to happen. */
export function listExperiments({ json = false }: { readonly json?: boolean }): string {
  const rows = EXPERIMENTS.map((experiment) => ({
    id: experiment.id,
    means: meansInWords(experiment),
    alerts: tripsOf(experiment),
    hypothesis: experiment.hypothesis,
  }));
  if (json) return documentOf({ experiments: rows });
  return tableOf(
    ['experiment', 'locally', 'on Kubernetes', 'with Chaos Mesh', 'alert', 'hypothesis'],
    rows.map(({ id, means, alerts, hypothesis }) => [
      id,
      means.local ?? NONE,
      means.kubernetes ?? NONE,
      means.chaosMesh ?? NONE,
      alerts.length === 0 ? NONE : alerts.join(', '),
      hypothesis,
    ]),
  );
}
