import { describe, expect, test } from '@jest/globals';
import { demands, PER_POD, sum, volumesOf, type Amount, type Demand } from '../../infra/demand/index.ts';
import { synthesize, type KubernetesObject } from '../../infra/synth/index.ts';
import { toBytes } from '../../service/definition/index.ts';
import { field } from '../charts/render.ts';
import { quantity, workloadsOf, type Workload } from '../support/workloads.ts';
import { VARIATIONS } from '../support/variations.ts';

/** What a quota counts, and where a container says it. */
const COUNTED: readonly (readonly [amount: Amount, path: string, scale: number])[] = [
  ['cpu.requests', 'requests.cpu', 1000],
  ['cpu.limits', 'limits.cpu', 1000],
  ['memory.requests', 'requests.memory', 1],
  ['memory.limits', 'limits.memory', 1],
  ['ephemeralStorage.requests', 'requests.ephemeral-storage', 1],
  ['ephemeralStorage.limits', 'limits.ephemeral-storage', 1],
];

type Autoscaler = { minReplicas: number; maxReplicas: number; scaleTargetRef: { kind: string; name: string } };

describe.each(VARIATIONS)('what $name asks for', ({ service }) => {
  const { manifests } = synthesize(service);
  const workloads = workloadsOf(manifests);
  const rows = demands(service);

  test('has a row for every workload, and no other', () => {
    expect(rows.map(({ workload }) => workload).sort()).toEqual(workloads.map(({ name }) => name).sort());
  });

  test('is for each pod what its containers say', () => {
    for (const workload of workloads) {
      const row = rowOf(rows, workload);
      for (const [amount, path, scale] of COUNTED) {
        const said = sum(workload.pod.containers.map((each) => quantity(textAt(each.resources, path)) * scale));

        expect([workload.name, amount, PER_POD[amount](row)]).toEqual([workload.name, amount, said]);
      }
    }
  });

  test('counts the pods that are wanted, and those of a rollout beside them', () => {
    for (const workload of workloads) {
      const { pods, ends = false } = rowOf(rows, workload);
      const [quiet, busy] = wanted(manifests, workload);

      expect([workload.name, pods.quiet, pods.busy, ends]).toEqual([workload.name, quiet, busy, workload.ends]);
      expect(pods.atOnce).toBeGreaterThanOrEqual(Math.max(1, busy + surgeOf(workload)));
    }
  });

  test('counts every volume', () => {
    expect(volumesOf(rows).map(toBytes).sort()).toEqual(manifests.flatMap(claims).sort());
  });

  test('is granted by the quota of the namespace, with every pod of the peak and its jobs', () => {
    const hard = hardOf(manifests, 'environment');
    for (const [amount, path, scale] of COUNTED) {
      const total = sum(rows.map((row) => row.pods.atOnce * PER_POD[amount](row)));

      expect([path, total]).toEqual([path, Math.min(total, quantity(hard[path]) * scale)]);
    }
    expect(sum(rows.map(({ pods }) => pods.atOnce))).toBeLessThan(quantity(hard.pods));
  });

  test('leaves jobs the room for each of them once, whatever else runs', () => {
    const hard = hardOf(manifests, 'jobs');
    const jobs = rows.filter(({ ends }) => ends);

    expect(field(quota(manifests, 'jobs'), 'spec.scopes')).toEqual(['Terminating']);
    expect(quantity(hard.pods)).toBe(jobs.length + 1);
    expect(quantity(hard['limits.memory'])).toBeGreaterThan(sum(jobs.map(PER_POD['memory.limits'])));
    for (const { pod } of workloads.filter(({ ends }) => ends))
      expect(pod.activeDeadlineSeconds).toEqual(expect.any(Number));
  });

  test('is within what one container and one claim may have', () => {
    const [container, claim] = limits(manifests);
    for (const { pod } of workloads)
      for (const { resources } of pod.containers)
        for (const [name, most] of Object.entries(container?.max ?? {}))
          expect(quantity(resources.limits[name])).toBeLessThanOrEqual(quantity(most));
    for (const size of manifests.flatMap(claims)) expect(size).toBeLessThanOrEqual(quantity(claim?.max?.storage));
    expect(Object.keys(container?.default ?? {})).toEqual(Object.keys(container?.defaultRequest ?? {}));
  });
});

type Limits = Readonly<Partial<Record<'max' | 'default' | 'defaultRequest', Readonly<Record<string, string>>>>>;

function rowOf(rows: readonly Demand[], { name }: Workload): Demand {
  const row = rows.find(({ workload }) => workload === name);
  if (!row) throw new Error(`no row for ${name}`);
  return row;
}

function textAt(resources: object, path: string): string | undefined {
  const [kind = '', name = ''] = path.split('.');
  return (resources as Record<string, Record<string, string> | undefined>)[kind]?.[name];
}

/** Pods that a workload wants at the minimum and at the maximum. */
function wanted(objects: readonly KubernetesObject[], { kind, name, object, ends }: Workload): [number, number] {
  const scaler = objects
    .filter((each) => each.kind === 'HorizontalPodAutoscaler')
    .map(({ spec }) => spec as Autoscaler)
    .find(({ scaleTargetRef }) => scaleTargetRef.kind === kind && scaleTargetRef.name === name);
  if (scaler) return [scaler.minReplicas, scaler.maxReplicas];
  const replicas = ends ? 0 : Number(field(object, 'spec.replicas'));
  return [replicas, replicas];
}

function surgeOf({ object }: Workload): number {
  return Number(field(object, 'spec.strategy.rollingUpdate.maxSurge') ?? 0);
}

/** Bytes of every volume that an object claims. */
function claims(object: KubernetesObject): number[] {
  if (object.kind === 'PersistentVolumeClaim') return [quantity(String(field(object, STORAGE)))];
  const templates = (field(object, 'spec.volumeClaimTemplates') ?? []) as object[];
  const replicas = Number(field(object, 'spec.replicas'));
  return templates.flatMap((each) => Array<number>(replicas).fill(quantity(String(field(each, STORAGE)))));
}

const STORAGE = 'spec.resources.requests.storage';

function quota(objects: readonly KubernetesObject[], name: string): KubernetesObject {
  const found = objects.find(({ kind, metadata }) => kind === 'ResourceQuota' && metadata.name === name);
  if (!found) throw new Error(`no quota ${name}`);
  return found;
}

function hardOf(objects: readonly KubernetesObject[], name: string): Readonly<Record<string, string>> {
  return field(quota(objects, name), 'spec.hard') as Record<string, string>;
}

function limits(objects: readonly KubernetesObject[]): readonly Limits[] {
  return field(
    objects.find(({ kind }) => kind === 'LimitRange'),
    'spec.limits',
  ) as Limits[];
}
