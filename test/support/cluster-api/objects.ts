import { isDeepStrictEqual } from 'node:util';
import type { LiveMetadata, LiveObject } from '../../../alerts/rollback/cluster/live-object.ts';
import { applied } from './apply.ts';
import { owned } from './ownership.ts';

/** The objects that a server has, each by its path, kept as an API server keeps them. */
export class Objects {
  private readonly byPath = new Map<string, LiveObject>();
  private version = 0;

  find(path: string): LiveObject | undefined {
    return this.byPath.get(path);
  }

  /** Those directly below a path. */
  below(path: string): readonly LiveObject[] {
    return [...this.byPath]
      .filter(([each]) => each.slice(0, each.lastIndexOf('/')) === path)
      .map(([, object]) => object);
  }

  /** Takes a new object, with what a server gives each. */
  create(path: string, object: LiveObject, manager: string): LiveObject {
    const uid = crypto.randomUUID();
    // In milliseconds: a test makes more than one in a second, and the oldest counts.
    const metadata = { ...object.metadata, uid, generation: 1, creationTimestamp: new Date().toISOString() };
    return this.store(path, owned({ ...object, metadata }, undefined, { manager, operation: 'Update' }));
  }

  /** Takes another state of one; what is wanted counts up, what is reported does not. Unchanged, it keeps its version. */
  update(path: string, object: LiveObject, manager: string): LiveObject {
    const before = this.byPath.get(path);
    if (isDeepStrictEqual(before, object)) return object;
    return this.change(path, owned(object, before, { manager, operation: 'Update' }), before);
  }

  /** Takes what a manager applies to one, by force. */
  apply(path: string, live: LiveObject, object: LiveObject, manager: string): LiveObject {
    return this.change(path, applied(live, object, manager), live);
  }

  /** Deletes one and what it owns. */
  remove(path: string): void {
    const uid = this.byPath.get(path)?.metadata.uid;
    this.byPath.delete(path);
    for (const [each, { metadata }] of [...this.byPath]) {
      if (metadata.ownerReferences?.some((owner) => owner.uid === uid)) this.remove(each);
    }
  }

  private change(path: string, object: LiveObject, before: LiveObject | undefined): LiveObject {
    const isWanted = !isDeepStrictEqual(before?.spec, object.spec);
    const generation = (before?.metadata.generation ?? 0) + (isWanted ? 1 : 0);
    return this.store(path, { ...object, metadata: { ...object.metadata, generation } });
  }

  private store(path: string, object: LiveObject): LiveObject {
    const metadata: LiveMetadata = { ...object.metadata, resourceVersion: `${++this.version}` };
    const stored = { ...object, metadata };
    this.byPath.set(path, stored);
    return stored;
  }
}
