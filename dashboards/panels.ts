import { CACHE_PANELS } from './cache-panels.ts';
import { PROCESS_PANELS } from './process-panels.ts';
import { PROTECTION_PANELS } from './protection-panels.ts';
import { REQUEST_PANELS } from './request-panels.ts';

/** Every panel. */
export const PANELS = [...REQUEST_PANELS, ...CACHE_PANELS, ...PROTECTION_PANELS, ...PROCESS_PANELS] as const;

/** Name of a panel. */
export type PanelId = (typeof PANELS)[number]['id'];
