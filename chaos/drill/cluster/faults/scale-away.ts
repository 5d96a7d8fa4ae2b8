import type { Component, KubernetesFault } from '../../../experiment.ts';
import { ClusterError } from '../kubernetes.ts';
import type { Place } from '../place.ts';
import type { FaultKind } from './fault.ts';
import { podsOf } from './pods.ts';
import { waitUntil } from './wait-until.ts';

/** Longer than the grace of any store. */
const GONE_WITHIN_MS = 90_000;

/** Kinds of workloads that have a number of pods. */
export const SCALED = ['StatefulSet', 'Deployment'] as const;

/** A component has no pods any more. One that an autoscaler sizes is not touched: that would work against it. */
export const scaleAway: FaultKind<KubernetesFault & { readonly kind: 'scale-away' }> = {
  title: ({ component }) => `${component} is scaled to none`,
  touches: ({ component }, { namespace }) => [`the workload of ${component} in ${namespace}: replicas 0`],
  async plan({ place, clock }, { fault: { component } }) {
    const { kind, name, replicas } = await requireWorkload(place, component);
    if (replicas === 0) throw new ClusterError('failed', `the ${kind} ${name} wants no pods already: nothing to take`);
    if ((await autoscaled(place)).has(`${kind}/${name}`))
      throw new ClusterError('failed', `the ${kind} ${name} is sized by an autoscaler: it is not scaled away`);
    return {
      undo: [{ kind: 'replicas', workload: kind, name, from: 0, to: replicas }],
      async apply(signal) {
        await place.scale(kind, name, 0);
        await waitUntil(async () => ((await podsOf(place, component)).length === 0 ? true : undefined), {
          clock,
          what: `the pods of ${component} go`,
          within: GONE_WITHIN_MS,
          signal,
        });
      },
    };
  },
};

/** A workload, and how many pods it wants. */
export type Workload = { readonly kind: (typeof SCALED)[number]; readonly name: string; readonly replicas: number };

/** The workload of a component. Throws a ClusterError where there is none. */
export async function requireWorkload(place: Place, component: Component): Promise<Workload> {
  for (const kind of SCALED) {
    const found = await place.find(kind, component);
    const { replicas = 1 } = (found?.spec ?? {}) as { readonly replicas?: number };
    if (found) return { kind, name: component, replicas };
  }
  throw new ClusterError('failed', `there is no StatefulSet or Deployment ${component} in '${place.namespace}'`);
}

/** What the manifests give an autoscaler, as `Kind/name`. */
const ALWAYS_AUTOSCALED = ['Deployment/gateway'];

/** Workloads that autoscalers size, as far as the account may know them. */
async function autoscaled(place: Place): Promise<ReadonlySet<string>> {
  const autoscalers = await place.list('HorizontalPodAutoscaler').catch((error: unknown) => {
    if (error instanceof ClusterError && error.problem === 'forbidden') return [];
    throw error;
  });
  return new Set([
    ...ALWAYS_AUTOSCALED,
    ...autoscalers.map(({ spec }) => {
      const { scaleTargetRef } = spec as { readonly scaleTargetRef: { readonly kind: string; readonly name: string } };
      return `${scaleTargetRef.kind}/${scaleTargetRef.name}`;
    }),
  ]);
}
