import type { KubernetesObject } from '../../synth/index.ts';
import type { ObjectKind } from '../api-reader.ts';
import type { Candidate, Obstacle } from './precondition.ts';

/** Something of the cluster that an object names. */
type Reference = {
  readonly by: readonly string[];
  readonly kind: ObjectKind;
  readonly namespace?: string;
  readonly name: string;
};

const GATEWAY_API = 'gateway.networking.k8s.io/v1';
const PRIORITY = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass' };

/** What mends a reference to nothing, where it is more than to install what brings it. */
const FIXES: Readonly<Record<string, string>> = {
  PriorityClass: 'bring up the platform, with its part priority-classes, or deploy with --set priorityClass=none',
};

/** The ingress class, gateway class, gateway, certificate issuer and priority class that objects name are there. */
export async function classes({ objects, reader }: Candidate): Promise<readonly Obstacle[]> {
  const references = [...objects.flatMap(referencesOf), ...priorities(objects)].filter(
    (reference) => !objects.some((each) => isMeant(each, reference)),
  );
  const found = await Promise.all(
    references.map(async ({ kind, namespace, name }) =>
      // A kind that is not served is told by another row.
      (await reader.resource(kind)) === undefined ? true : (await reader.find(kind, namespace, name)) !== undefined,
    ),
  );
  return references
    .filter((_, index) => !found[index])
    .map(({ by, kind, name, namespace }) => ({
      problem: `${by.join(', ')} name${by.length === 1 ? 's' : ''} the ${kind.kind} '${name}'${namespace === undefined ? '' : ` in ${namespace}`}, which the cluster does not have`,
      fix:
        FIXES[kind.kind] ?? `install what brings it, or name one that is there: kubectl get ${kind.kind.toLowerCase()}`,
    }));
}

/** One reference to each priority class, however many objects start pods of it. */
function priorities(objects: readonly KubernetesObject[]): readonly Reference[] {
  const named = objects.flatMap((object) => priorityNames(object).map((name) => ({ object, name })));
  return [...Map.groupBy(named, ({ name }) => name)].map(([name, members]) => {
    const by = [...new Set(members.map(({ object: { kind, metadata } }) => `${kind} ${metadata.name}`))];
    return { by, kind: PRIORITY, name };
  });
}

function priorityNames(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    key === 'priorityClassName' && typeof inner === 'string' ? [inner] : priorityNames(inner),
  );
}

function isMeant({ kind, metadata }: KubernetesObject, reference: Reference): boolean {
  return kind === reference.kind.kind && metadata.name === reference.name;
}

function referencesOf({ kind, metadata, spec = {} }: KubernetesObject): readonly Reference[] {
  const by = [`${kind} ${metadata.name}`];
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
