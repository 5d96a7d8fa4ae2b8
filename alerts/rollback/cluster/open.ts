import { setTimeout as wait } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import { connect } from './connection.ts';
import type { GuardCluster } from './guard-cluster.ts';
import { leaseAt, type LeaseOptions } from './lease.ts';
import { namespacePaths } from './namespace-paths.ts';
import { perform } from './perform.ts';
import { podAddresses } from './pod-addresses.ts';
import { factsReader } from './read-facts.ts';
import { guardStore } from './store.ts';

/** Which namespace a guard looks after, and as whom. */
export type GuardClusterOptions = {
  readonly config: KubeConfig;
  readonly namespace: string;
  /** What no other guard is called, such as the name of its pod. */
  readonly identity: string;
  /** Told of each try to take or renew the Lease that failed. */
  readonly onLeaseError: (error: unknown) => void;
  /** Monotonic time in milliseconds; absent: the process's own. */
  readonly now?: LeaseOptions['now'];
  /** Absent: timers. */
  readonly pause?: LeaseOptions['pause'];
};

/** Reaches a namespace for a guard. Nothing is asked before the first call. */
export function openGuardCluster(options: GuardClusterOptions): GuardCluster {
  const { config, namespace, identity, onLeaseError, now = () => performance.now(), pause = timer } = options;
  const connection = connect(config);
  const paths = namespacePaths(namespace);
  const reader = factsReader(connection, paths);
  return {
    readFacts: reader.readFacts,
    perform: (act) => perform({ connection, paths, namespace, reading: reader.last() }, act),
    podAddresses: (hash) => podAddresses(connection, paths, hash),
    store: guardStore(connection, paths),
    lease: leaseAt(connection, paths.lease, { identity, now, pause, onError: onLeaseError }),
  };
}

async function timer(milliseconds: number, stopped: AbortSignal): Promise<void> {
  // Ends early when it is stopped, which is no failure.
  await wait(milliseconds, undefined, { signal: stopped }).catch(() => undefined);
}
