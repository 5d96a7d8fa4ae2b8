import { STORES, type Freeze } from '../../alerts/rollback/state.ts';
import { parsePlain } from '../plain.ts';
import type { ApiReader } from './api-reader.ts';

/** The key of the guard's ConfigMap that a freeze stands under. */
export const FREEZE = 'freeze';

/**
 * The freeze of a namespace that still lasts at `now`, in milliseconds since 1970. One that cannot be read has no end:
 * whoever wrote it meant one. Throws a ClusterError when the cluster cannot be read.
 */
export async function findFreeze(reader: ApiReader, namespace: string, now: number): Promise<Freeze | undefined> {
  const kept = await reader.find({ apiVersion: 'v1', kind: 'ConfigMap' }, namespace, STORES.guard);
  const text = (kept?.data as Readonly<Record<string, string>> | undefined)?.[FREEZE];
  const freeze = text === undefined ? undefined : parseFreeze(text);
  return freeze && freeze.until > now ? freeze : undefined;
}

/** What stands under its key. */
export function parseFreeze(text: string): Freeze {
  const unknown = { until: Number.POSITIVE_INFINITY, by: 'somebody', reason: 'what was written cannot be read' };
  try {
    const { until, by, reason } = (parsePlain(text) ?? {}) as Partial<Freeze>;
    if (typeof until !== 'number' || typeof by !== 'string' || typeof reason !== 'string') return unknown;
    return { until, by, reason };
  } catch {
    return unknown;
  }
}

/** A freeze in one sentence. */
export function formatFreeze(environment: string, { until, by, reason }: Freeze): string {
  const end = Number.isFinite(until) ? new Date(until).toISOString().replace(/\.\d+Z$/, 'Z') : 'somebody ends it';
  return `${environment} is frozen until ${end} by ${by}: ${reason}`;
}

/** What ends a freeze. */
export function waysOutOfFreeze(environment: string): string {
  return `wait, or, when the reason is gone: sluice release unfreeze --env ${environment}`;
}
