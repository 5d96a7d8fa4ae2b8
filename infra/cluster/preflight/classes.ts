import type { KubernetesObject } from '../../synth/index.ts';
import type { ObjectKind } from '../api-reader.ts';
import type { Candidate, Obstacle } from './precondition.ts';

/** Something of the cluster that an object names. */
type Reference = { readonly by: string; readonly kind: ObjectKind; readonly namespace?: string; readonly name: string };

const GATEWAY_API = 'gateway.networking.k8s.io/v1';

/** The ingress class, gateway class, gateway and certificate issuer that objects name are on the cluster. */
export async function classes({ objects, reader }: Candidate): Promise<readonly Obstacle[]> {
  const references = objects
    .flatMap(referencesOf)
    .filter((reference) => !objects.some((each) => isMeant(each, reference)));
  const found = await Promise.all(
    references.map(async ({ kind, namespace, name }) =>
      // A kind that is not served is told by another row.
      (await reader.resource(kind)) === undefined ? true : (await reader.find(kind, namespace, name)) !== undefined,
    ),
  );
  return references
    .filter((_, index) => !found[index])
    .map(({ by, kind, name, namespace }) => ({
      problem: `${by} names the ${kind.kind} '${name}'${namespace === undefined ? '' : ` in ${namespace}`}, which the cluster does not have`,
      fix: `install what brings it, or name one that is there: kubectl get ${kind.kind.toLowerCase()}`,
    }));
}

function isMeant({ kind, metadata }: KubernetesObject, reference: Reference): boolean {
  return kind === reference.kind.kind && metadata.name === reference.name;
}

function referencesOf({ kind, metadata, spec = {} }: KubernetesObject): readonly Reference[] {
  const by = `${kind} ${metadata.name}`;
  const { ingressClassName, gatewayClassName, parentRefs = [] } = spec as ReferringSpec;
  const issuer = metadata.annotations?.['cert-manager.io/cluster-issuer'];
  return [
    ...(ingressClassName === undefined
      ? []
      : [{ by, kind: { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass' }, name: ingressClassName }]),
    ...(gatewayClassName === undefined
      ? []
      : [{ by, kind: { apiVersion: GATEWAY_API, kind: 'GatewayClass' }, name: gatewayClassName }]),
    ...(issuer === undefined
      ? []
      : [{ by, kind: { apiVersion: 'cert-manager.io/v1', kind: 'ClusterIssuer' }, name: issuer }]),
    ...(kind === 'HTTPRoute' ? parentRefs : []).map((parent) => {
      const namespace = parent.namespace ?? metadata.namespace;
      const reference = { by, kind: { apiVersion: GATEWAY_API, kind: 'Gateway' }, name: parent.name };
      return namespace === undefined ? reference : { ...reference, namespace };
    }),
  ];
}

type ReferringSpec = {
  readonly ingressClassName?: string;
  readonly gatewayClassName?: string;
  readonly parentRefs?: readonly { readonly name: string; readonly namespace?: string }[];
};
