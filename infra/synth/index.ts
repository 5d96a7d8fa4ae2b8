export { findCommit, imageReference } from './image.ts';
export type { KubernetesObject } from './object.ts';
export { inOrder, objectKey } from './order.ts';
export { secretObjects } from './secrets.ts';
export { ADDRESS_SECRETS, wantedSecrets } from './secret-values.ts';
export type { SecretKey, SecretValues } from './secret-values.ts';
export { synthesize } from './synthesize.ts';
export type { Synthesis } from './synthesize.ts';
export { writeSyntheses } from './write-syntheses.ts';
