import type { ChaosMeshFault, Experiment } from '../../../experiment.ts';
import { oneShot } from '../../../exports/index.ts';
import { ClusterError, type LiveObject } from '../kubernetes.ts';
import type { FaultContext, FaultKind } from './fault.ts';
import { ownerOf, requireKeeper } from './proxy-pod.ts';
import { waitUntil } from './wait-until.ts';

/** The group of Chaos Mesh. */
export const CHAOS_MESH = 'chaos-mesh.org/v1alpha1';

const INJECTED_WITHIN_MS = 60_000;

/** A fault that Chaos Mesh makes, where it is installed, by an object that lasts as long as the fault. */
export const chaosMesh: FaultKind<ChaosMeshFault> = {
  title: ({ kind, on }) => `${kind} of Chaos Mesh on ${on}`,
  touches: ({ kind, on }, { namespace }) => [
    `${kind} of ${CHAOS_MESH} in ${namespace}: made, and deleted`,
    `pods of ${on} in ${namespace}: what Chaos Mesh does to them`,
  ],
  async plan(context, { id, fault, ttl }) {
    const { place, service } = context;
    const path = await context.place.connection.pathOf({ apiVersion: CHAOS_MESH, kind: fault.kind }, place.namespace);
    if (path === undefined)
      throw new ClusterError('failed', `this cluster does not know ${fault.kind}: install Chaos Mesh`);
    const owner = ownerOf(await requireKeeper(place)) as Owner;
    const object = oneShot(experimentOf(fault, id), service, { id, deadline: ttl, owner });
    return {
      undo: [{ kind: 'object', apiVersion: CHAOS_MESH, of: fault.kind, name: id }],
      async apply(signal) {
        const { send, refuse } = place.connection;
        const answer = await send('POST', path, object);
        if (answer.status >= 300) refuse(answer, `create ${fault.kind} ${id}`);
        await untilInjected(context, `${path}/${id}`, signal);
      },
    };
  },
};

type Owner = { readonly apiVersion: string; readonly kind: string; readonly name: string; readonly uid: string };

/** All that an export takes of an experiment for one fault. */
function experimentOf(fault: ChaosMeshFault, id: string): Experiment {
  return { id, means: { chaosMesh: fault } } as unknown as Experiment;
}

async function untilInjected({ place, clock }: FaultContext, path: string, signal: AbortSignal): Promise<void> {
  const look = async (): Promise<true | undefined> => {
    const found = (await place.connection.get(path, 'get the fault')) as LiveObject | undefined;
    const { conditions = [] } = (found?.status ?? {}) as {
      readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    };
    return conditions.some(({ type, status }) => type === 'AllInjected' && status === 'True') ? true : undefined;
  };
  await waitUntil(look, { clock, what: 'Chaos Mesh has injected the fault', within: INJECTED_WITHIN_MS, signal });
}
