import type { KubernetesObject } from '../synth/index.ts';
import type { ApiReader, LiveObject, ObjectKind } from './api-reader.ts';
import { sameOwner } from './owner.ts';

/** Kinds that start pods, now or when somebody goes back to them. */
const NAMERS: readonly ObjectKind[] = [
  { apiVersion: 'v1', kind: 'Pod' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  { apiVersion: 'batch/v1', kind: 'CronJob' },
  { apiVersion: 'batch/v1', kind: 'Job' },
];

/** Fields of a pod whose `name` is that of a ConfigMap. */
const REFERENCES = new Set(['configMap', 'configMapRef', 'configMapKeyRef']);

// Whoever deploys makes configuration first and what names it then; this is longer than any deploy lasts.
const SETTLED_MS = 3_600_000;

/**
 * Configuration of earlier releases that nobody can go back to: immutable ConfigMaps of the environment that no pod and
 * nothing that starts pods names any more, an hour old or older at `now`, in milliseconds since 1970. Every ReplicaSet
 * of the history counts, so a rollback finds what it needs.
 */
export async function findRetiredConfiguration(
  reader: ApiReader,
  objects: readonly KubernetesObject[],
  namespace: string,
  now: number,
): Promise<readonly LiveObject[]> {
  const own = objects.find(({ kind, immutable }) => kind === 'ConfigMap' && immutable === true);
  if (!own) return [];
  const [configMaps = [], ...namers] = await Promise.all(
    [own, ...NAMERS].map(async (kind) => (await reader.list(kind, namespace)) ?? []),
  );
  const named = new Set([...objects, ...namers.flat()].flatMap(namedIn));
  const wanted = new Set(objects.filter(({ kind }) => kind === 'ConfigMap').map(({ metadata }) => metadata.name));
  return configMaps.filter(
    (each) =>
      each.immutable === true &&
      sameOwner(each, own) &&
      !wanted.has(each.metadata.name) &&
      !named.has(each.metadata.name) &&
      now - createdAt(each) >= SETTLED_MS,
  );
}

function namedIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(namedIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const { name } = (inner ?? {}) as { readonly name?: unknown };
    return REFERENCES.has(key) && typeof name === 'string' ? [name] : namedIn(inner);
  });
}

function createdAt({ metadata }: LiveObject): number {
  const { creationTimestamp } = metadata as { readonly creationTimestamp?: string };
  return creationTimestamp === undefined ? Number.POSITIVE_INFINITY : Date.parse(creationTimestamp);
}
