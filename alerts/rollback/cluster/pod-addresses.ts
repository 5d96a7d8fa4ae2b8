import type { Connection } from './connection.ts';
import type { LiveObject } from './live-object.ts';
import type { NamespacePaths } from './namespace-paths.ts';
import { listIn } from './reading.ts';
import { HASH_LABEL } from './template.ts';

type PodStatus = {
  readonly podIP?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
};

/** Addresses of the Ready pods with a hash, sorted. Throws a ClusterError when they cannot be listed. */
export async function podAddresses(
  connection: Connection,
  paths: NamespacePaths,
  hash: string,
): Promise<readonly string[]> {
  const pods = await listIn(connection)(paths.pods, 'Pod', `${HASH_LABEL}=${hash}`);
  return pods.flatMap(addressOf).sort();
}

function addressOf({ metadata, status = {} }: LiveObject): readonly string[] {
  const { podIP, conditions = [] } = status as PodStatus;
  const isReady = conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True');
  return isReady && podIP !== undefined && metadata.deletionTimestamp === undefined ? [podIP] : [];
}
