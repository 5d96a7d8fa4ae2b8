import { formatDuration, type Service } from '../../../service/definition/index.ts';
import type { Experiment } from '../../experiment.ts';
import { EXPERIMENTS } from '../../table.ts';
import { requireDrills } from '../may-drill.ts';
import { chaosOf } from './fault.ts';
import type { ChaosMeshObject, OwnerReference } from './types.ts';
import { workflowOf } from './workflow.ts';

const API_VERSION = 'chaos-mesh.org/v1alpha1';

/** Label by which an object says which experiment it belongs to. */
export const EXPERIMENT_LABEL = 'sluice/experiment';

// Only the drill starts experiments: a schedule that ran by itself would have no preflight, no lock and no report.
const PAUSED = { 'experiment.chaos-mesh.org/pause': 'true' } as const;

// A controller that returns late would otherwise start every experiment that it missed, at any hour.
const STARTING_DEADLINE_SECONDS = 600;

// Of no limit at all Chaos Mesh makes 0 and deletes finished runs, with what they show, at once.
const HISTORY_LIMIT = 12;

/**
 * The experiments of an environment as paused Schedules of Chaos Mesh (chaos-mesh.org/v1alpha1), each of a workflow. None
 * where drills are not enabled, and none of an experiment that Chaos Mesh cannot do or whose target the environment does
 * not run. Throws for production.
 */
export function chaosObjects(
  service: Service,
  experiments: readonly Experiment[] = EXPERIMENTS,
): readonly ChaosMeshObject[] {
  if (!service.drills.enabled) return [];
  requireDrills(service);
  return experiments
    .filter(({ fits, means }) => means.chaosMesh && fits(service))
    .map((experiment) => schedule(experiment, service));
}

/** What becomes of one run of a fault. */
export type OneShot = {
  /** Name of the object. */
  readonly id: string;
  /** Milliseconds after which Chaos Mesh takes the fault back by itself; a killed pod is not brought back by it. */
  readonly deadline: number;
  /** With whose end the fault ends, too. */
  readonly owner?: OwnerReference;
  /** Labels beside those that every object of an experiment has. */
  readonly labels?: Readonly<Record<string, string>>;
};

/**
 * The fault of an experiment as one object of Chaos Mesh, which injects it as soon as it is there and takes it back when
 * it goes. Throws for production, where drills are not enabled, and of an experiment that Chaos Mesh cannot do.
 */
export function oneShot(
  experiment: Pick<Experiment, 'id' | 'means'>,
  service: Service,
  { id, deadline, owner, labels }: OneShot,
): ChaosMeshObject {
  requireDrills(service);
  const { chaosMesh } = experiment.means;
  if (!chaosMesh) throw new Error(`${experiment.id} has no means of Chaos Mesh: run it by those that it has`);
  const { kind, spec } = chaosOf(chaosMesh, service.namespace);
  return {
    apiVersion: API_VERSION,
    kind,
    metadata: {
      name: id,
      namespace: service.namespace,
      labels: { ...labels, ...labelsOf(experiment, service) },
      ...(owner && { ownerReferences: [owner] }),
    },
    spec: { ...spec, duration: formatDuration(deadline) },
  };
}

function schedule(experiment: Experiment, service: Service): ChaosMeshObject {
  return {
    apiVersion: API_VERSION,
    kind: 'Schedule',
    metadata: {
      name: experiment.id,
      namespace: service.namespace,
      labels: labelsOf(experiment, service),
      annotations: PAUSED,
    },
    spec: {
      schedule: service.drills.schedule,
      startingDeadlineSeconds: STARTING_DEADLINE_SECONDS,
      concurrencyPolicy: 'Forbid',
      historyLimit: HISTORY_LIMIT,
      type: 'Workflow',
      workflow: workflowOf(experiment, service),
    },
  };
}

function labelsOf({ id }: Pick<Experiment, 'id'>, { name }: Service): Readonly<Record<string, string>> {
  return {
    'app.kubernetes.io/managed-by': 'sluice',
    'app.kubernetes.io/part-of': name,
    [EXPERIMENT_LABEL]: id,
  };
}
