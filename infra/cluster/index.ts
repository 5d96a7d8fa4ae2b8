export { ClusterError, type ClusterProblem } from '../../alerts/rollback/cluster/errors.ts';
export type { Quarantine } from '../../alerts/rollback/quarantine.ts';
export { findRelease, requireRelease } from '../../alerts/rollback/release-of.ts';
export type { Release } from '../../alerts/rollback/release.ts';
export {
  apiReader,
  type ApiReader,
  type ApiResource,
  type LiveObject,
  type ManagedFields,
  type ObjectKind,
} from './api-reader.ts';
export { apiWriter, type ApiWriter } from './api-writer.ts';
export { liveChanges } from './compare.ts';
export { findDrift, type Drift, type DriftedField } from './drift.ts';
export { loadKubeconfig, parseKubeconfig, type KubeconfigChoice } from './kubeconfig.ts';
export { readLiveObjects, type LiveObjects } from './live-objects.ts';
export { type Manager } from './managed-fields.ts';
export { findMover } from './mover.ts';
export { findFreeze, formatFreeze, waysOutOfFreeze } from './freeze.ts';
export {
  formatObstacles,
  preflight,
  PreflightError,
  PRECONDITIONS,
  type Candidate,
  type Finding,
  type Precondition,
  type Preflight,
} from './preflight/index.ts';
export { findQuarantine, formatQuarantine, QUARANTINE } from './quarantine.ts';
export { findRetiredConfiguration } from './retired-configuration.ts';
export { followRollout, type Followed, type RolloutOptions } from './rollout/index.ts';
