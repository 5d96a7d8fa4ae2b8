import { objectKey, type KubernetesObject } from '../synth/index.ts';
import type { ApiReader, LiveObject, ObjectKind } from './api-reader.ts';
import { ClusterError } from '../../alerts/rollback/cluster/errors.ts';
import { ownerOf } from './owner.ts';

/** What a cluster has of an environment. */
export type LiveObjects = {
  /** What stands where an object of the environment belongs. */
  readonly find: (object: KubernetesObject) => LiveObject | undefined;
  /** Objects of the same kinds that carry the same labels of ownership, and that the environment does not have. */
  readonly surplus: readonly LiveObject[];
};

/** Reads what a cluster has of an environment. Throws a ClusterError when it has no such namespace or cannot be read. */
export async function readLiveObjects(reader: ApiReader, objects: readonly KubernetesObject[]): Promise<LiveObjects> {
  const namespaces = objects.filter(({ kind }) => kind === 'Namespace');
  const live = await Promise.all(namespaces.map((object) => requireNamespace(reader, object)));
  const inNamespaces = objects.filter(({ metadata }) => metadata.namespace !== undefined);
  const clusterWide = objects.filter(({ kind, metadata }) => kind !== 'Namespace' && metadata.namespace === undefined);
  const groups = [
    ...Map.groupBy(inNamespaces, ({ apiVersion, kind, metadata }) =>
      [apiVersion, kind, metadata.namespace].join(' '),
    ).values(),
  ];
  const lists = await Promise.all(groups.map(([first]) => listLike(reader, first)));
  const singles = await Promise.all(clusterWide.map((object) => reader.find(object, undefined, object.metadata.name)));
  const found = [...live, ...lists.flat(), ...singles.filter((object) => object !== undefined)];
  const byKey = new Map(found.map((object) => [objectKey(object), object]));
  const wanted = new Set(objects.map(objectKey));
  const owners = new Set(objects.map(ownerOf));
  return {
    find: (object) => byKey.get(objectKey(object)),
    surplus: found.filter(
      (object) =>
        !wanted.has(objectKey(object)) &&
        ownerOf(object) !== undefined &&
        owners.has(ownerOf(object)) &&
        // Configuration of earlier releases stays for a roll back.
        object.immutable !== true,
    ),
  };
}

async function requireNamespace(
  reader: ApiReader,
  { apiVersion, kind, metadata }: KubernetesObject,
): Promise<LiveObject> {
  const { name } = metadata;
  const live = await reader.find({ apiVersion, kind } satisfies ObjectKind, undefined, name);
  if (live) return live;
  throw new ClusterError(
    'no namespace',
    `the cluster has no namespace '${name}'; deploy the environment first, or name its namespace with --set namespace=NAME`,
  );
}

async function listLike(reader: ApiReader, object: KubernetesObject | undefined): Promise<readonly LiveObject[]> {
  return object ? ((await reader.list(object, object.metadata.namespace)) ?? []) : [];
}
