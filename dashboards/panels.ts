import { REQUEST_PANELS } from './request-panels.ts';
import { RESOURCE_PANELS } from './resource-panels.ts';

/** Every panel. */
export const PANELS = [...REQUEST_PANELS, ...RESOURCE_PANELS] as const;

/** Name of a panel. */
export type PanelId = (typeof PANELS)[number]['id'];
