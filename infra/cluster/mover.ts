import { latestManager, templateEntries, type Manager } from '../../alerts/rollback/cluster/managed-fields.ts';
import { GATEWAY } from '../../alerts/rollback/release-of.ts';
import type { ApiReader } from './api-reader.ts';

const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment' };

/**
 * Who has changed the pods of the gateway since somebody applied it: the guard that went back, or a person with kubectl;
 * undefined when nobody has, or the server does not say. Whoever applies another release takes such fields over. Throws a
 * ClusterError.
 */
export async function findMover(reader: ApiReader, namespace: string): Promise<Manager | undefined> {
  const gateway = await reader.find(DEPLOYMENT, namespace, GATEWAY);
  const entries = gateway ? templateEntries(gateway) : [];
  const applied = latestManager(entries.filter(({ operation }) => operation === 'Apply'));
  const mover = latestManager(entries.filter(({ operation }) => operation === 'Update'));
  // Times are in whole seconds, and to look once too often costs nothing but time.
  return (mover?.time ?? '') >= (applied?.time ?? '') ? mover : undefined;
}
