import { formatDuration, toMilliseconds, type Service } from '../service/definition/index.ts';
import type { Experiment } from './experiment.ts';
import { EXPERIMENTS } from './table.ts';

// A controller that returns late would otherwise start every experiment that it missed, at any hour.
const STARTING_DEADLINE_SECONDS = 600;

// Of no limit at all Chaos Mesh makes 0 and deletes finished runs, with what they show, at once.
const HISTORY_LIMIT = 12;

/**
 * The experiments of an environment as Schedules of Chaos Mesh (chaos-mesh.org/v1alpha1). None where drills are not
 * enabled, and none of an experiment whose target the environment does not run.
 */
export function chaosObjects(service: Service): readonly object[] {
  if (!service.drills.enabled) return [];
  return EXPERIMENTS.filter(({ fits }) => fits(service)).map((experiment) => schedule(experiment, service));
}

function schedule({ id, fault, duration }: Experiment, { name, namespace, drills }: Service): object {
  const pods = (component: string) => ({
    mode: 'all',
    selector: { namespaces: [namespace], labelSelectors: { 'app.kubernetes.io/component': component } },
  });
  return {
    apiVersion: 'chaos-mesh.org/v1alpha1',
    kind: 'Schedule',
    metadata: {
      name: id,
      namespace,
      labels: { 'app.kubernetes.io/managed-by': 'sluice', 'app.kubernetes.io/part-of': name },
    },
    spec: {
      schedule: drills.schedule,
      startingDeadlineSeconds: STARTING_DEADLINE_SECONDS,
      concurrencyPolicy: 'Forbid',
      historyLimit: HISTORY_LIMIT,
      type: 'NetworkChaos',
      networkChaos: {
        action: fault.kind,
        ...pods(fault.from),
        direction: 'to',
        // Without a target the probes of the node would be late too, and the kubelet would restart the pod with the
        // fault inside it.
        target: pods(fault.to),
        delay: { latency: formatDuration(toMilliseconds(fault.latency)) },
        duration: formatDuration(toMilliseconds(duration)),
      },
    },
  };
}
