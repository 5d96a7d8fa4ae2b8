import { mergeAsRead } from './changes.ts';
import type { Connection } from './connection.ts';
import { ClusterError } from './errors.ts';
import type { LiveObject } from './live-object.ts';
import type { NamespacePaths } from './namespace-paths.ts';

/** Texts of a ConfigMap by their keys. */
export type Entries = Readonly<Record<string, string | undefined>>;

/** What a ConfigMap holds, and which version of it that is. */
export type Stored = { readonly name: string; readonly version: string; readonly entries: Entries };

// Those who write are a few guards and people; who meets another five times in a row had better come again.
const ATTEMPTS = 5;

/** A ConfigMap that the manifests bring. Throws a ClusterError when it is missing. */
export async function readConfigMap(connection: Connection, paths: NamespacePaths, name: string): Promise<Stored> {
  const found = await connection.get(`${paths.configMaps}/${name}`, `get ConfigMap ${name}`);
  if (found !== undefined) {
    const { metadata, data = {} } = found as LiveObject;
    return { name, version: metadata.resourceVersion ?? '', entries: data as Entries };
  }
  const namespace = paths.configMaps.split('/')[4] ?? '';
  throw new ClusterError(
    'failed',
    `there is no ConfigMap ${name} in '${namespace}'; the manifests of an environment with a guard bring it: deploy them`,
  );
}

/** Changes entries of a ConfigMap as it was read; null removes one. False: it was changed meanwhile. */
export async function writeEntries(
  connection: Connection,
  paths: NamespacePaths,
  { name, version }: Omit<Stored, 'entries'>,
  data: Readonly<Record<string, string | null>>,
): Promise<boolean> {
  const asRead = { kind: 'ConfigMap', metadata: { name, resourceVersion: version } };
  return (await mergeAsRead(connection, `${paths.configMaps}/${name}`, asRead, { data })) !== undefined;
}

/**
 * Reads a ConfigMap and changes what follows from it, again when somebody else changes it meanwhile; false when that
 * happened too often. `change` gives undefined where nothing is to be changed.
 */
export async function changeEntries(
  connection: Connection,
  paths: NamespacePaths,
  name: string,
  change: (entries: Entries) => Readonly<Record<string, string | null>> | undefined,
): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const stored = await readConfigMap(connection, paths, name);
    const data = change(stored.entries);
    if (!data || (await writeEntries(connection, paths, stored, data))) return true;
  }
  return false;
}

/** The same; throws a ClusterError when others keep writing. */
export async function requireChange(...change: Parameters<typeof changeEntries>): Promise<void> {
  if (await changeEntries(...change)) return;
  throw new ClusterError(
    'failed',
    `the ConfigMap ${change[2]} is changed by others all the time; it will be tried again`,
  );
}
