export { chaosObjects, EXPERIMENT_LABEL, oneShot, type OneShot } from './chaos-mesh/objects.ts';
export type { ChaosMeshObject, OwnerReference } from './chaos-mesh/types.ts';
export { chaosToolkitExperiments, type ChaosToolkitExport } from './chaos-toolkit/experiment.ts';
export { chaosToolkitFiles } from './chaos-toolkit/files.ts';
