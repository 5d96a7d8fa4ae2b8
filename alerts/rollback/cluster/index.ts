export { ClusterError, type ClusterProblem } from './errors.ts';
export type { GuardCluster, Kept, Lease, Store } from './guard-cluster.ts';
export { openGuardCluster, type GuardClusterOptions } from './open.ts';
