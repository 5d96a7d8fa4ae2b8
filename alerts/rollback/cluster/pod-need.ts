import { parseQuantity } from './quantity.ts';

/** Amounts by the name that a quota has for them: `pods`, `requests.cpu` in cores, `limits.memory` in bytes. */
export type Amounts = Readonly<Record<string, number>>;

/** Requests and limits, as a container or a claim writes them. */
export type Resources = Partial<Readonly<Record<'requests' | 'limits', Readonly<Record<string, string>>>>>;

type Container = { readonly resources?: Resources; readonly restartPolicy?: string };

/** A pod's template, as far as quotas look at it. */
export type PodTemplate = {
  readonly spec: { readonly containers: readonly Container[]; readonly initContainers?: readonly Container[] };
};

/** What a quota counts for one pod. */
export function needOfPod({ spec: { containers, initContainers = [] } }: PodTemplate): Amounts {
  const beside = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const before = initContainers.filter(({ restartPolicy }) => restartPolicy !== 'Always').map(ofContainer);
  const together = [...containers, ...beside].map(ofContainer).reduce(addAmounts, {});
  // Those that run before the others run alone, so the largest of them counts where it is more.
  return { pods: 1, ...before.reduce(most, together) };
}

/** Both together. */
export function addAmounts(one: Amounts, other: Amounts): Amounts {
  return combined(one, other, (a, b) => a + b);
}

/** The name under which a pod needs what a quota limits: `cpu` in a quota means what pods request. */
export function canonicalResource(resource: string): string {
  return /^(cpu|memory|ephemeral-storage)$/.test(resource) ? `requests.${resource}` : resource;
}

function ofContainer({ resources = {} }: Container): Amounts {
  const sides = (['requests', 'limits'] as const).flatMap((side) =>
    Object.entries(resources[side] ?? {}).map(([name, amount]) => [`${side}.${name}`, parseQuantity(amount)] as const),
  );
  return Object.fromEntries(sides);
}

function most(one: Amounts, other: Amounts): Amounts {
  return combined(one, other, Math.max);
}

function combined(one: Amounts, other: Amounts, of: (a: number, b: number) => number): Amounts {
  const names = Object.keys({ ...one, ...other });
  return Object.fromEntries(names.map((name) => [name, of(one[name] ?? 0, other[name] ?? 0)]));
}
