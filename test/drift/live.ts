import type { LiveObject, LiveObjects, ManagedFields } from '../../infra/cluster/index.ts';
import { objectKey, type KubernetesObject } from '../../infra/synth/index.ts';

/** Who applied an object. */
export const APPLIER = 'deployer';
const APPLIED_AT = '2026-01-01T00:00:00Z';

/** A Deployment with a container, as it is set. */
export const DEPLOYMENT: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', labels: { team: 'a' } },
  spec: {
    replicas: 2,
    template: { spec: { containers: [{ name: 'web', image: 'web:1', env: [{ name: 'LEVEL', value: 'info' }] }] } },
  },
};

/** What `metadata.managedFields` says of the fields of the Deployment. */
export const FIELDS = {
  image: template({ 'f:image': {} }),
  env: template({ 'f:env': { 'k:{"name":"LEVEL"}': { 'f:name': {}, 'f:value': {} } } }),
  replicas: { 'f:spec': { 'f:replicas': {} } },
  labels: { 'f:metadata': { 'f:labels': { 'f:team': {} } } },
} as const;

/** An object as it runs: with some fields otherwise, and who set which of them after it was applied. */
export function live(object: KubernetesObject, ...changes: readonly ManagedFields[]): LiveObject {
  const applied = { manager: APPLIER, operation: 'Apply', time: APPLIED_AT, fieldsV1: fieldsOf(object) };
  return { ...object, metadata: { ...object.metadata, managedFields: [applied, ...changes] } };
}

/** A cluster that has these objects. */
export function cluster(...objects: readonly LiveObject[]): LiveObjects {
  const byKey = new Map(objects.map((object) => [objectKey(object), object]));
  return { find: (object) => byKey.get(objectKey(object)), surplus: [] };
}

/** The object with another container. */
export function withContainer(change: Readonly<Record<string, unknown>>): KubernetesObject {
  const { spec } = DEPLOYMENT as unknown as { spec: { template: { spec: { containers: readonly object[] } } } };
  const containers = spec.template.spec.containers.map((container) => ({ ...container, ...change }));
  return { ...DEPLOYMENT, spec: { ...spec, template: { spec: { containers } } } };
}

function template(container: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"web"}': container } } } } };
}

/** Every field of an object, as its applier owns them. */
function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (Array.isArray(value)) {
    const items = value as readonly { readonly name: string }[];
    return Object.fromEntries(items.map((item) => [`k:${JSON.stringify({ name: item.name })}`, fieldsOf(item)]));
  }
  if (typeof value !== 'object' || value === null) return {};
  const set = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(set.map(([key, inner]) => [`f:${key}`, fieldsOf(inner)]));
}
