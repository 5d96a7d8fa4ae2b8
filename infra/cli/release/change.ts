import type { LiveObject } from '../../cluster/index.ts';
import { UnavailableError } from '../errors.ts';
import type { Place } from './place.ts';

/** Texts of a ConfigMap by their keys. */
export type Data = Readonly<Record<string, string>>;

type ConfigMap = LiveObject & { readonly data?: Data };

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };
// The guard writes once a second at most; whoever loses so often has met something else.
const ATTEMPTS = 20;

/** A ConfigMap of the environment; undefined where it is not. */
export function findConfigMap({ namespace, reader }: Place, name: string): Promise<ConfigMap | undefined> {
  return reader.find(CONFIG_MAP, namespace, name);
}

/** A ConfigMap of the environment. Throws an UnavailableError where it is not. */
export async function requireConfigMap(place: Place, name: string): Promise<ConfigMap> {
  const found = await findConfigMap(place, name);
  if (found) return found;
  const { env, namespace } = place;
  throw new UnavailableError(
    `the namespace '${namespace}' has no ConfigMap ${name}: no release guard is deployed there; ` +
      `set release.guard.mode in the definition, and deploy by: sluice up --env ${env}`,
  );
}

/**
 * Changes keys of a ConfigMap by what it has, and looks anew when somebody was faster. `decide` tells the keys to set and,
 * with null, to remove; undefined changes nothing. Returns whether something was changed.
 */
export async function change(
  place: Place,
  name: string,
  decide: (data: Data) => Readonly<Record<string, string | null>> | undefined,
): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const configMap = await requireConfigMap(place, name);
    const keys = decide(configMap.data ?? {});
    if (!keys) return false;
    if (await place.writer.merge(configMap, keys)) return true;
  }
  throw new UnavailableError(
    `the ConfigMap ${name} was changed by others ${ATTEMPTS} times while this was to change it; try again`,
  );
}
