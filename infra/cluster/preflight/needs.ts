import type { KubernetesObject } from '../../synth/index.ts';
import {
  addAmounts,
  needOfPod,
  type Amounts,
  type PodTemplate,
  type Resources,
} from '../../../alerts/rollback/cluster/pod-need.ts';
import { parseQuantity } from '../../../alerts/rollback/cluster/quantity.ts';

/** What the pods and claims of all objects can need at once: each workload at its most, and each job beside them. */
export function mostNeeded(objects: readonly KubernetesObject[]): Amounts {
  return objects.map((object) => needOf(object, objects)).reduce(addAmounts, {});
}

type WorkloadSpec = {
  readonly replicas?: number;
  readonly template: PodTemplate;
  readonly strategy?: { readonly rollingUpdate?: { readonly maxSurge?: number | string } };
  readonly volumeClaimTemplates?: readonly { readonly spec: { readonly resources: Resources } }[];
};

function needOf(object: KubernetesObject, all: readonly KubernetesObject[]): Amounts {
  const spec = object.spec as WorkloadSpec;
  switch (object.kind) {
    case 'Deployment': {
      const wanted = scalerOf(object, all) ?? spec.replicas ?? 1;
      return times(needOfPod(spec.template), wanted + surgeOf(spec, wanted));
    }
    case 'StatefulSet': {
      const replicas = spec.replicas ?? 1;
      const claims = (spec.volumeClaimTemplates ?? []).map((claim) => ofClaim(claim.spec.resources));
      return times([needOfPod(spec.template), ...claims].reduce(addAmounts, {}), replicas);
    }
    case 'PersistentVolumeClaim':
      return ofClaim((object.spec as { readonly resources: Resources }).resources);
    case 'Job':
      return needOfPod(spec.template);
    case 'CronJob':
      return needOfPod(
        (object.spec as { readonly jobTemplate: { readonly spec: WorkloadSpec } }).jobTemplate.spec.template,
      );
    default:
      return {};
  }
}

function ofClaim({ requests = {} }: Resources): Amounts {
  return { persistentvolumeclaims: 1, 'requests.storage': parseQuantity(requests.storage ?? '0') };
}

function scalerOf(object: KubernetesObject, all: readonly KubernetesObject[]): number | undefined {
  type Spec = {
    readonly maxReplicas: number;
    readonly scaleTargetRef: { readonly kind: string; readonly name: string };
  };
  const scalers = all.filter(({ kind }) => kind === 'HorizontalPodAutoscaler').map(({ spec }) => spec as Spec);
  return scalers.find(
    ({ scaleTargetRef }) => scaleTargetRef.kind === object.kind && scaleTargetRef.name === object.metadata.name,
  )?.maxReplicas;
}

/** 25 % is the server's own default. */
function surgeOf({ strategy }: WorkloadSpec, wanted: number): number {
  const { maxSurge = '25%' } = strategy?.rollingUpdate ?? {};
  return typeof maxSurge === 'number' ? maxSurge : Math.ceil((Number.parseInt(maxSurge, 10) / 100) * wanted);
}

function times(amounts: Amounts, count: number): Amounts {
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, amount * count]));
}
