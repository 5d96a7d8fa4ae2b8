import type { Connection } from './connection.ts';
import type { LiveObject } from './live-object.ts';
import type { NamespacePaths } from './namespace-paths.ts';
import { templateOf } from './template.ts';

/** Which ConfigMaps there are, of those that revisions name. */
export type Configurations = {
  /** The names, of those that the templates of some ReplicaSets need, under which there is one at `now`. */
  readonly among: (sets: readonly LiveObject[], now: number) => Promise<ReadonlySet<string>>;
};

// Configuration goes when people tidy up, and a revision's is needed only when it is gone back to.
const KNOWN_FOR_MS = 10_000;

// It is large, and the guard may not list it: each is asked for by its name, and without what it holds.
const NAME_ALONE = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';

/** Asks for each ConfigMap once in ten seconds. */
export function configurations({ send, refuse }: Connection, paths: NamespacePaths): Configurations {
  let known = new Map<string, { readonly isThere: boolean; readonly at: number }>();

  async function look(name: string, now: number): Promise<void> {
    const answer = await send('GET', `${paths.configMaps}/${name}`, undefined, { accept: NAME_ALONE });
    if (answer.status !== 200 && answer.status !== 404) refuse(answer, `get ConfigMap ${name}`);
    known.set(name, { isThere: answer.status === 200, at: now });
  }

  return {
    async among(sets, now) {
      const names = new Set(sets.flatMap(configurationsOf));
      // What no revision names any more is forgotten.
      known = new Map([...known].filter(([name, { at }]) => names.has(name) && now - at < KNOWN_FOR_MS));
      await Promise.all([...names].filter((name) => !known.has(name)).map((name) => look(name, now)));
      return new Set([...known].filter(([, { isThere }]) => isThere).map(([name]) => name));
    },
  };
}

/** Names of the ConfigMaps without which a pod of a ReplicaSet does not start. */
export function configurationsOf(set: LiveObject): readonly string[] {
  const { volumes = [] } = templateOf(set).spec as {
    readonly volumes?: readonly { readonly configMap?: { readonly name: string; readonly optional?: boolean } }[];
  };
  return volumes.flatMap(({ configMap }) => (configMap && configMap.optional !== true ? [configMap.name] : []));
}
