import type { KubernetesObject } from '../../synth/index.ts';
import { parseQuantity } from '../../quantity.ts';

/** Amounts by the name that a quota has for them: `pods`, `requests.cpu` in cores, `limits.memory` in bytes. */
export type Amounts = Readonly<Record<string, number>>;

/** What the pods and claims of all objects can need at once: each workload at its most, and each job beside them. */
export function mostNeeded(objects: readonly KubernetesObject[]): Amounts {
  return objects.map((object) => needOf(object, objects)).reduce(sum, {});
}

type Resources = Readonly<Record<'requests' | 'limits', Readonly<Record<string, string>> | undefined>>;
type Container = { readonly resources?: Partial<Resources>; readonly restartPolicy?: string };
type PodTemplate = {
  readonly spec: { readonly containers: readonly Container[]; readonly initContainers?: readonly Container[] };
};
type WorkloadSpec = {
  readonly replicas?: number;
  readonly template: PodTemplate;
  readonly strategy?: { readonly rollingUpdate?: { readonly maxSurge?: number | string } };
  readonly volumeClaimTemplates?: readonly { readonly spec: { readonly resources: Partial<Resources> } }[];
};

function needOf(object: KubernetesObject, all: readonly KubernetesObject[]): Amounts {
  const spec = object.spec as WorkloadSpec;
  switch (object.kind) {
    case 'Deployment': {
      const wanted = scalerOf(object, all) ?? spec.replicas ?? 1;
      return times(ofPod(spec.template), wanted + surgeOf(spec, wanted));
    }
    case 'StatefulSet': {
      const replicas = spec.replicas ?? 1;
      const claims = (spec.volumeClaimTemplates ?? []).map((claim) => ofClaim(claim.spec.resources));
      return times([ofPod(spec.template), ...claims].reduce(sum, {}), replicas);
    }
    case 'PersistentVolumeClaim':
      return ofClaim((object.spec as { readonly resources: Partial<Resources> }).resources);
    case 'Job':
      return ofPod(spec.template);
    case 'CronJob':
      return ofPod(
        (object.spec as { readonly jobTemplate: { readonly spec: WorkloadSpec } }).jobTemplate.spec.template,
      );
    default:
      return {};
  }
}

function ofPod({ spec: { containers, initContainers = [] } }: PodTemplate): Amounts {
  const beside = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const before = initContainers.filter(({ restartPolicy }) => restartPolicy !== 'Always').map(ofContainer);
  const together = [...containers, ...beside].map(ofContainer).reduce(sum, {});
  // Those that run before the others run alone, so the largest of them counts where it is more.
  return { pods: 1, ...before.reduce(most, together) };
}

function ofContainer({ resources = {} }: Container): Amounts {
  const sides = (['requests', 'limits'] as const).flatMap((side) =>
    Object.entries(resources[side] ?? {}).map(([name, amount]) => [`${side}.${name}`, parseQuantity(amount)] as const),
  );
  return Object.fromEntries(sides);
}

function ofClaim({ requests = {} }: Partial<Resources>): Amounts {
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

function sum(one: Amounts, other: Amounts): Amounts {
  return combined(one, other, (a, b) => a + b);
}

function most(one: Amounts, other: Amounts): Amounts {
  return combined(one, other, Math.max);
}

function combined(one: Amounts, other: Amounts, of: (a: number, b: number) => number): Amounts {
  const names = Object.keys({ ...one, ...other });
  return Object.fromEntries(names.map((name) => [name, of(one[name] ?? 0, other[name] ?? 0)]));
}

function times(amounts: Amounts, count: number): Amounts {
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, amount * count]));
}
