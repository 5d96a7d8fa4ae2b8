import { STORES } from '../state.ts';

/** Where the objects of a namespace are that the guard reads and changes; no look-up of kinds is needed for these. */
export type NamespacePaths = Readonly<
  Record<'deployments' | 'replicaSets' | 'pods' | 'configMaps' | 'quotas' | 'events' | 'lease', string>
>;

/** The paths of a namespace. */
export function namespacePaths(namespace: string): NamespacePaths {
  const [core, apps] = [`/api/v1/namespaces/${namespace}`, `/apis/apps/v1/namespaces/${namespace}`];
  return {
    deployments: `${apps}/deployments`,
    replicaSets: `${apps}/replicasets`,
    pods: `${core}/pods`,
    configMaps: `${core}/configmaps`,
    quotas: `${core}/resourcequotas`,
    events: `/apis/events.k8s.io/v1/namespaces/${namespace}/events`,
    lease: `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${STORES.lease}`,
  };
}
