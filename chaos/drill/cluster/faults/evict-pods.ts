import type { KubernetesFault } from '../../../experiment.ts';
import { ClusterError, reasonIn, type LiveObject } from '../kubernetes.ts';
import type { Place } from '../place.ts';
import type { FaultContext, FaultKind } from './fault.ts';
import { isReady, nodeOf, podsOf } from './pods.ts';
import { waitUntil } from './wait-until.ts';

// As long as a rollout may take to bring one pod.
const REPLACED_WITHIN_MS = 300_000;

/** What the API server says while a disruption budget holds a pod back. */
const TOO_MANY_REQUESTS = 429;

/** The pods of a component that share a node are evicted one after the other, as a drain does; the node stays as it is. */
export const evictPods: FaultKind<KubernetesFault & { readonly kind: 'evict-pods' }> = {
  title: ({ component }) => `the pods of ${component} on one node are evicted, one after the other`,
  touches: ({ component }, { namespace }) => [
    `every Pod of ${component} in ${namespace} that shares a node: evicted, one after the other, as its disruption budget allows`,
  ],
  async plan(context, { fault: { component } }) {
    const { place } = context;
    const pods = (await podsOf(place, component)).filter(isReady);
    const byNode = [...Map.groupBy(pods, nodeOf).values()].toSorted((a, b) => b.length - a.length);
    const [most = []] = byNode;
    if (most.length === 0)
      throw new ClusterError('failed', `no pod of ${component} in '${place.namespace}' is Ready: none to evict`);
    const countReady = async () => (await podsOf(place, component)).filter(isReady).length;
    return {
      undo: [],
      async apply(signal) {
        for (const [place, pod] of most.entries()) {
          await evictWhenAllowed(context, pod, signal);
          // The last one's end is for the drill to see.
          if (place < most.length - 1) await waitForAll(context, pods.length, countReady, signal);
        }
      },
    };
  },
};

async function evictWhenAllowed({ place, clock }: FaultContext, pod: LiveObject, signal: AbortSignal): Promise<void> {
  const { name } = pod.metadata;
  await waitUntil(async () => ((await evict(place, pod)) ? true : undefined), {
    clock,
    what: `the disruption budget allows to evict the pod ${name}`,
    within: REPLACED_WITHIN_MS,
    signal,
  });
}

async function waitForAll(
  { clock }: FaultContext,
  wanted: number,
  countReady: () => Promise<number>,
  signal: AbortSignal,
): Promise<void> {
  await waitUntil(async () => ((await countReady()) >= wanted ? true : undefined), {
    clock,
    what: `${wanted} pods are Ready again after an eviction`,
    within: REPLACED_WITHIN_MS,
    signal,
  });
}

/** False where the disruption budget does not allow it now; a pod that is gone already counts as evicted. */
async function evict({ connection, namespace, path }: Place, { metadata }: LiveObject): Promise<boolean> {
  const { name, uid } = metadata;
  const answer = await connection.send('POST', `${path('Pod', name)}/eviction`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace },
    deleteOptions: { preconditions: { uid } },
  });
  if (answer.status === TOO_MANY_REQUESTS) return false;
  if (answer.status < 300 || answer.status === 404 || answer.status === 409) return true;
  if (answer.status === 500) throw new ClusterError('failed', `could not evict ${name}: ${reasonIn(answer.text)}`);
  return connection.refuse(answer, `create eviction of Pod ${name}`);
}
