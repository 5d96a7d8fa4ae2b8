import { runsAny, type Service } from '../service/definition/index.ts';
import { CACHE_PANELS } from './cache-panels.ts';
import type { Panel } from './panel.ts';
import { PROCESS_PANELS } from './process-panels.ts';
import { PROTECTION_PANELS } from './protection-panels.ts';
import { REQUEST_PANELS } from './request-panels.ts';
import { STORE_PANELS } from './store-panels.ts';

/** Every panel. */
export const PANELS = [
  ...REQUEST_PANELS,
  ...CACHE_PANELS,
  ...PROTECTION_PANELS,
  ...PROCESS_PANELS,
  ...STORE_PANELS,
] as const;

/** Name of a panel. */
export type PanelId = (typeof PANELS)[number]['id'];

/** The panels of an environment: those that what it scrapes can fill. */
export function panelsOf(service: Service): readonly Panel[] {
  return (PANELS as readonly Panel[]).filter(({ exporters }) => runsAny(service, exporters));
}
