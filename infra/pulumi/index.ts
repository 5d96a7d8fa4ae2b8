export { registerObjects, resourceName } from './bridge.ts';
export { inStages, needs, resourceOptions } from './policy.ts';
export { requireResourceClass } from './resource-classes.ts';
export type { ResourceClass } from './resource-classes.ts';
export { secretInputs } from './secrets.ts';
export { readSettings } from './settings.ts';
export type { Settings } from './settings.ts';
