export { admissionObjects } from './admission.ts';
export { PlatformError } from './errors.ts';
export { KIND_CONTEXT, kindCluster } from './kind-cluster.ts';
export { clusterIssuers, gatewayClasses, namespaceObject, priorityClasses } from './objects.ts';
export { PART_IDS } from './part.ts';
export type { Chart, Issuer, Part, PartId, PlatformContext } from './part.ts';
export { PARTS } from './parts.ts';
export { planPlatform } from './plan.ts';
export type { PlannedPart, PlatformRequest } from './plan.ts';
