import { ClusterError } from './errors.ts';
import type { Connection } from './connection.ts';
import type { LiveObject } from './live-object.ts';
import type { NamespacePaths } from './namespace-paths.ts';
import type { Reading } from './reading.ts';
import { hashOf } from './template.ts';

/** What an act is done with. */
export type ActContext = {
  readonly connection: Connection;
  readonly paths: NamespacePaths;
  readonly namespace: string;
  /** The reading that the act followed from; undefined: there was no gateway. */
  readonly reading: Reading | undefined;
};

/** The reading of an act on the gateway. Throws a ClusterError when there was none. */
export function requireReading({ reading, namespace }: ActContext): Reading {
  if (reading) return reading;
  throw new ClusterError('failed', `there is no Deployment gateway in '${namespace}' to act on`);
}

/** The ReplicaSet of a revision. Throws a ClusterError when it is gone. */
export function requireSet({ replicaSets }: Reading, hash: string): LiveObject {
  const found = replicaSets.find((set) => hashOf(set) === hash);
  if (found) return found;
  const there = replicaSets.map((set) => hashOf(set)).join(', ');
  throw new ClusterError('failed', `the gateway has no ReplicaSet of the revision ${hash} any more, of ${there}`);
}
