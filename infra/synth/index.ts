export { findCommit, imageReference } from './image.ts';
export type { KubernetesObject } from './object.ts';
export { inOrder, objectKey } from './order.ts';
export { secretObjects } from './secrets.ts';
export type { SecretValues } from './secrets.ts';
export { synthesize } from './synthesize.ts';
export type { Synthesis } from './synthesize.ts';
export { writeSyntheses } from './write-syntheses.ts';
