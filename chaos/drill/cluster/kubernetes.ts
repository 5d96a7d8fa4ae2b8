export { connect, reasonIn, type Connection } from '../../../alerts/rollback/cluster/connection.ts';
export { ClusterError } from '../../../alerts/rollback/cluster/errors.ts';
export { leaseAt } from '../../../alerts/rollback/cluster/lease.ts';
export type { Lease } from '../../../alerts/rollback/cluster/guard-cluster.ts';
export type { LiveObject } from '../../../alerts/rollback/cluster/live-object.ts';
export { listIn } from '../../../alerts/rollback/cluster/reading.ts';
