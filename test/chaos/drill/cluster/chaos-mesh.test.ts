import { expect, test } from '@jest/globals';
import { planOf, putBack, type FaultContext } from '../../../../chaos/drill/cluster/faults/index.ts';
import { clusterMeans } from '../../../../chaos/drill/cluster/stand/means.ts';
import { EXPERIMENTS } from '../../../../chaos/index.ts';
import { definition, withValues } from '../../../../service/definition/index.ts';
import { keptPlace } from './kept-objects.ts';

const SERVICE = withValues(definition.dev, ['drills.enabled=true']);
const FAULT = { kind: 'PodChaos', on: 'redis', action: 'pod-failure' } as const;
const WANTED = { id: 'redis-lost-1', fault: FAULT, ttl: 60_000 };

/** A cluster that knows PodChaos, whose controller needs some looks to inject, and to let an object go. */
function chaosCluster({ knows = true, looks = 2 } = {}) {
  const place = keptPlace(SERVICE.namespace, [
    { kind: 'Deployment', name: 'drill-keeper', metadata: { uid: 'u-1' }, spec: {} },
  ]);
  const calls: string[] = [];
  let object: Readonly<Record<string, unknown>> | undefined;
  let going: number | undefined;
  let looked = 0;
  Object.assign(place, {
    connection: {
      pathOf: () => Promise.resolve(knows ? '/apis/chaos-mesh.org/v1alpha1/podchaos' : undefined),
      send(method: string, path: string, body?: Readonly<Record<string, unknown>>) {
        calls.push(`${method} ${path}`);
        if (method === 'POST') object = body;
        if (method === 'DELETE' && object) going = looks;
        return Promise.resolve({ status: object ? 200 : 404, text: '{}' });
      },
      get() {
        if (going !== undefined && going-- <= 0) object = undefined;
        const isInjected = ++looked > looks;
        return Promise.resolve(
          object && {
            ...object,
            status: { conditions: [{ type: 'AllInjected', status: isInjected ? 'True' : 'False' }] },
          },
        );
      },
    },
  });
  let now = 0;
  const clock: FaultContext['clock'] = {
    now: () => now,
    wait: (milliseconds) => Promise.resolve(void (now += milliseconds)),
  };
  const proxies = { set: () => Promise.resolve(), clear: () => Promise.resolve() };
  return { context: { place, service: SERVICE, clock, proxies }, calls, object: () => object };
}

test('a fault of Chaos Mesh is there once it says so, goes by its deadline, and with the keeper', async () => {
  const { context, object } = chaosCluster();

  const { apply, undo } = await planOf(context, WANTED);
  await apply(new AbortController().signal);

  expect(object()).toMatchObject({
    kind: 'PodChaos',
    metadata: { name: 'redis-lost-1', ownerReferences: [{ kind: 'Deployment', name: 'drill-keeper', uid: 'u-1' }] },
    spec: { action: 'pod-failure', duration: '1m', selector: { namespaces: [SERVICE.namespace] } },
  });
  expect(undo).toEqual([
    { kind: 'object', apiVersion: 'chaos-mesh.org/v1alpha1', of: 'PodChaos', name: 'redis-lost-1' },
  ]);
});

test('it is taken back when its object is gone, for which Chaos Mesh first takes the fault from every pod', async () => {
  const { context, object, calls } = chaosCluster();
  const { apply, undo } = await planOf(context, WANTED);
  await apply(new AbortController().signal);

  for (const each of undo) await putBack(context, each);

  expect(object()).toBeUndefined();
  expect(calls.at(-1)).toBe('DELETE /apis/chaos-mesh.org/v1alpha1/podchaos/redis-lost-1');
  // Again, of what is gone.
  for (const each of undo) await putBack(context, each);
});

test('one that is never injected is given up', async () => {
  const { context } = chaosCluster({ looks: Infinity });
  const { apply } = await planOf(context, WANTED);

  await expect(apply(new AbortController().signal)).rejects.toThrow(/not within 60 s/);
});

test('a cluster without Chaos Mesh is told so before anything is touched', async () => {
  const { context, calls } = chaosCluster({ knows: false });

  await expect(planOf(context, WANTED)).rejects.toThrow(/install Chaos Mesh/);
  expect(calls).toEqual([]);
});

test('what both can do, Kubernetes does; what only Chaos Mesh can do is skipped without it', () => {
  const row = (id: string) => EXPERIMENTS.find((each) => each.id === id) ?? { means: {} };
  const [none, all] = [new Set<string>(), new Set(['PodChaos', 'StressChaos', 'NetworkChaos'])];

  expect(clusterMeans(row('redis-lost'), SERVICE, all)).toMatchObject({ means: 'kubernetes' });
  expect(clusterMeans(row('cpu-stress'), SERVICE, all)).toMatchObject({ means: 'chaosMesh' });
  expect(clusterMeans(row('cpu-stress'), SERVICE, none)).toEqual({
    skipped: 'it needs StressChaos of Chaos Mesh, which this cluster does not have',
  });
  expect(clusterMeans(row('worker-killed'), SERVICE, all)).toEqual({ skipped: 'only a laptop can do its fault' });
});

test('a store that no Service leads to is left to Chaos Mesh', () => {
  const replicated = withValues(definition.prod, ['namespace=shop', 'drills.enabled=false']);
  const frozen = EXPERIMENTS.find((each) => each.id === 'redis-frozen') ?? { means: {} };

  expect(clusterMeans(frozen, replicated, new Set(['NetworkChaos']))).toMatchObject({ means: 'chaosMesh' });
  expect(clusterMeans(frozen, replicated, new Set())).toEqual({ skipped: expect.stringMatching(/replicated|others/) });
});
