export { apiReader, type ApiReader, type LiveObject, type ManagedFields, type ObjectKind } from './api-reader.ts';
export { liveChanges } from './compare.ts';
export { findDrift, type Drift, type DriftedField } from './drift.ts';
export { ClusterError, type ClusterProblem } from './errors.ts';
export { loadKubeconfig } from './kubeconfig.ts';
export { readLiveObjects, type LiveObjects } from './live-objects.ts';
export { type Manager } from './managed-fields.ts';
