import { objectKey, type KubernetesObject } from '../../infra/synth/index.ts';
import type { Service } from '../../service/definition/index.ts';
import { field } from './render.ts';

/** All objects of an environment, and the texts of its files. */
export type Whole = {
  readonly objects: readonly KubernetesObject[];
  readonly texts: readonly string[];
  readonly service: Service;
};

/** A rule that every object keeps; what breaks it, told by name; and an object that would. */
export type ObjectRule = {
  readonly says: string;
  readonly broken: (whole: Whole) => readonly string[];
  readonly example: Partial<KubernetesObject>;
};

/** Kinds without a namespace that an environment may have: a copy beside it must not clash. */
const CLUSTER_WIDE = ['Namespace'];

/** What the annotations of an object may have together; kubectl notes the object that it applied in one of them. */
const ANNOTATION_BYTES = 256 * 1024;

const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** What holds of every object of every environment. */
export const OBJECT_RULES: readonly ObjectRule[] = [
  {
    says: 'no two have one name',
    broken: ({ objects }) => repeated(objects.map(objectKey)),
    example: { kind: 'Service', metadata: { name: 'gateway' } },
  },
  {
    says: 'names are such as every kind admits, and no pod’s is cut',
    broken: named(({ metadata }) => DNS_LABEL.test(metadata.name)),
    example: { metadata: { name: 'Gate_way' } },
  },
  {
    says: 'nothing but the namespace is the whole cluster’s',
    broken: ({ objects, service }) =>
      objects
        .filter(({ kind, metadata }) =>
          CLUSTER_WIDE.includes(kind)
            ? metadata.name !== service.namespace
            : kind.startsWith('Cluster') || metadata.namespace !== service.namespace,
        )
        .map(objectKey),
    example: { kind: 'ClusterRole' },
  },
  {
    says: 'labels tell what it is part of and who made it',
    broken: ({ objects, service }) =>
      objects
        .filter(
          ({ metadata: { labels = {} } }) =>
            labels['app.kubernetes.io/part-of'] !== service.name || labels['app.kubernetes.io/managed-by'] !== 'sluice',
        )
        .map(objectKey),
    example: { metadata: { name: 'bare', labels: {} } },
  },
  {
    says: 'the namespace admits pods of the restricted profile alone',
    broken: named(
      ({ kind, metadata }) =>
        kind !== 'Namespace' || metadata.labels?.['pod-security.kubernetes.io/enforce'] === 'restricted',
    ),
    example: { kind: 'Namespace', metadata: { name: 'open' } },
  },
  {
    says: 'files of configuration cannot be changed under the pods that read them',
    broken: ({ objects }) => {
      const pods = JSON.stringify(objects.map(({ spec }) => spec));
      return objects
        .filter(({ kind, metadata }) => kind === 'ConfigMap' && pods.includes(`"configMap":{"name":"${metadata.name}"`))
        .filter(({ immutable, metadata }) => immutable !== true || !/-[0-9a-f]{10}$/.test(metadata.name))
        .map(objectKey);
    },
    example: {
      kind: 'ConfigMap',
      metadata: { name: 'settings' },
      spec: { volumes: [{ configMap: { name: 'settings' } }] },
    },
  },
  {
    says: 'each is small enough for whoever notes what was applied',
    broken: named((object) => Buffer.byteLength(JSON.stringify(object)) < ANNOTATION_BYTES),
    example: { kind: 'ConfigMap', data: { 'a.json': 'a'.repeat(ANNOTATION_BYTES) } },
  },
  {
    says: 'no Service is open to anybody outside of the cluster',
    broken: named(
      ({ kind, spec }) => kind !== 'Service' || [undefined, 'ClusterIP'].includes(field(spec, 'type') as string),
    ),
    example: { kind: 'Service', spec: { type: 'LoadBalancer' } },
  },
  {
    says: 'rights are named one by one',
    broken: named(({ kind, ...object }) => !kind.endsWith('Role') || !JSON.stringify(object).includes('"*"')),
    example: { kind: 'Role', rules: [{ apiGroups: [''], resources: ['*'], verbs: ['get'] }] },
  },
  {
    says: 'budgets let pods go that serve nobody',
    broken: named(
      ({ kind, spec }) => kind !== 'PodDisruptionBudget' || field(spec, 'unhealthyPodEvictionPolicy') === 'AlwaysAllow',
    ),
    example: { kind: 'PodDisruptionBudget', spec: { maxUnavailable: 1 } },
  },
  {
    says: 'there is no Secret, and no file holds what looks like one',
    broken: ({ objects, texts }) => [
      ...objects.filter(({ kind }) => kind === 'Secret').map(objectKey),
      ...texts.filter((text) => /stringData|BEGIN [A-Z ]*PRIVATE KEY|:\/\/[^/\s'"@]*:[^/\s'"@$]+@/.test(text)),
    ],
    example: { kind: 'Secret', stringData: { password: 'x' } },
  },
];

function named(holds: (object: KubernetesObject) => boolean): ObjectRule['broken'] {
  return ({ objects }) => objects.filter((object) => !holds(object)).map(objectKey);
}

function repeated(keys: readonly string[]): string[] {
  return keys.filter((key, index) => keys.indexOf(key) !== index);
}
