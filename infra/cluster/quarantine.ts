import { parseQuarantine, type Quarantine } from '../../alerts/rollback/quarantine.ts';
import type { Release } from '../../alerts/rollback/release.ts';
import { STORES } from '../../alerts/rollback/state.ts';
import { plain } from '../plain.ts';
import type { ApiReader } from './api-reader.ts';

/** Releases by their ids, each with why it is quarantined. */
export type QuarantineList = Readonly<Record<string, Quarantine>>;

/** The ConfigMap of each namespace that keeps its quarantined releases: JSON of a Quarantine under a release's id. */
export const QUARANTINE = STORES.quarantine;

/** Why a release is quarantined in a namespace; undefined when it is not. Throws a ClusterError when that cannot be read. */
export async function findQuarantine(
  reader: ApiReader,
  namespace: string,
  { id }: Release,
): Promise<Quarantine | undefined> {
  const record = await reader.find({ apiVersion: 'v1', kind: 'ConfigMap' }, namespace, QUARANTINE);
  return quarantinesOf(record?.data as Readonly<Record<string, string>> | undefined)[id];
}

/** What the ConfigMap of quarantined releases lists; every text in it is plain. */
export function quarantinesOf(data: Readonly<Record<string, string>> = {}): QuarantineList {
  return Object.fromEntries(
    Object.entries(data).map(([id, text]) => {
      // Whoever wrote it may have written anything.
      const { reason, at, by }: Readonly<Record<keyof Quarantine, unknown>> = parseQuarantine(text);
      return [id, { reason: plain(String(reason)), at: plain(String(at)), by: plain(String(by)) }];
    }),
  );
}

/** A quarantine in one sentence. */
export function formatQuarantine({ id, image }: Release, { reason, at, by }: Quarantine): string {
  return `release ${id} (${image}) is quarantined since ${at} by ${by}: ${reason}`;
}

/** What ends a quarantine, and what does without ending it, for a person to choose from. */
export function waysOutOfQuarantine(environment: string, namespace: string, { id }: Release): string {
  const patch = `[{"op":"remove","path":"/data/${id}"}]`;
  const lift = `kubectl -n ${namespace} patch configmap ${QUARANTINE} --type=json -p '${patch}'`;
  const allow = `sluice release allow ${id} --env ${environment} --reason '...'`;
  return `deploy another image or configuration, or, when the reason is gone: ${allow} (without sluice: ${lift})`;
}
