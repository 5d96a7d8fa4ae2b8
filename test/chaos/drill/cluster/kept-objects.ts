import { ClusterError, type LiveObject } from '../../../../chaos/drill/cluster/kubernetes.ts';
import type { Kind, Place } from '../../../../chaos/drill/cluster/place.ts';

/** An object of a kind, as far as a test says. */
export type Kept = { readonly kind: Kind | 'Namespace'; readonly name: string; readonly [field: string]: unknown };

/** A namespace that keeps objects in memory, each with a version that changes with it. */
export function keptPlace(
  namespace: string,
  objects: readonly Kept[] = [],
): Place & { readonly made: () => readonly LiveObject[] } {
  const kept = new Map<string, LiveObject>();
  let version = 0;
  const put = (kind: string, object: object): LiveObject => {
    const { metadata, ...rest } = object as { metadata: { name: string } };
    const made = {
      apiVersion: 'v1',
      kind,
      ...rest,
      metadata: { ...metadata, resourceVersion: `${++version}` },
    } as LiveObject;
    kept.set(`${kind}/${metadata.name}`, made);
    return made;
  };
  for (const { kind, name, ...fields } of objects)
    put(kind, { ...fields, metadata: { name, ...(fields.metadata as object) } });
  const find: Place['find'] = (kind, name) => Promise.resolve(kept.get(`${kind}/${name}`));
  return {
    namespace,
    connection: {
      get: (path: string) => Promise.resolve(kept.get(`Namespace/${path.split('/').at(-1) ?? ''}`)),
    } as unknown as Place['connection'],
    path: (kind, name = '') => `${kind}/${name}`,
    find,
    async require(kind, name) {
      const found = await find(kind, name);
      if (!found) throw new ClusterError('failed', `there is no ${kind} ${name}`);
      return found;
    },
    list: (kind, labels = {}) =>
      Promise.resolve(
        [...kept.values()].filter(
          (each) =>
            each.kind === kind && Object.entries(labels).every(([key, value]) => each.metadata.labels?.[key] === value),
        ),
      ),
    create: (kind, object) =>
      Promise.resolve(kept.has(`${kind}/${object.metadata.name}`) ? undefined : put(kind, object)),
    async merge(kind, name, fields, at) {
      const found = await find(kind, name);
      if (!found || (at !== undefined && at !== found.metadata.resourceVersion)) return undefined;
      return put(kind, merged(found, fields));
    },
    async scale(kind, name, replicas) {
      const { spec, ...rest } = await this.require(kind, name);
      put(kind, { ...rest, spec: { ...(spec as object), replicas } });
    },
    remove: (kind, name) => Promise.resolve(kept.delete(`${kind}/${name}`)),
    made: () => [...kept.values()],
  };
}

/** As a merge patch (RFC 7386) does: null takes a field away. */
function merged<T>(target: T, patch: object): T {
  const result = new Map<string, unknown>(Object.entries(target as object));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result.delete(key);
    else if (typeof value === 'object' && !Array.isArray(value))
      result.set(key, merged(result.get(key) ?? {}, value as object));
    else result.set(key, value);
  }
  return Object.fromEntries(result) as T;
}
