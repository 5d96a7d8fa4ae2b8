import type { KubernetesFault } from '../../../experiment.ts';
import { ClusterError } from '../kubernetes.ts';
import type { FaultKind } from './fault.ts';
import { isReady, podsOf } from './pods.ts';

/** One Ready pod of a component is deleted at once, as when its node loses power; its workload makes another. */
export const killPod: FaultKind<KubernetesFault & { readonly kind: 'kill-pod' }> = {
  title: ({ component }) => `a pod of ${component} is deleted without grace`,
  touches: ({ component }, { namespace }) => [`one Pod of ${component} in ${namespace}: deleted without grace`],
  async plan({ place }, { fault: { component } }) {
    const pod = (await podsOf(place, component)).find(isReady);
    if (!pod) throw new ClusterError('failed', `no pod of ${component} in '${place.namespace}' is Ready: none to kill`);
    const { name, uid } = pod.metadata;
    return {
      undo: [],
      async apply() {
        await place.remove('Pod', name, { gracePeriodSeconds: 0, preconditions: { uid } });
      },
    };
  },
};
