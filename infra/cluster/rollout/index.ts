export { followRollout, type Followed, type RolloutOptions } from './follow.ts';
export { readNamespace, type NamespaceState } from './namespace-state.ts';
export { judgeWorkload, type Standing } from './workload.ts';
export { troubleOf, type Trouble } from '../../../alerts/rollback/cluster/pod-trouble.ts';
