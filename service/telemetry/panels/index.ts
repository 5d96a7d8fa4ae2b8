import { AI_PANELS } from './ai-panels.ts';
import { CACHE_PANELS } from './cache-panels.ts';
import { PROCESS_PANELS } from './process-panels.ts';
import { PROTECTION_PANELS } from './protection-panels.ts';
import { REQUEST_PANELS } from './request-panels.ts';

export { LABEL_MEANINGS, labelsIn, LEGEND_MEANINGS, type Meaning } from './meanings.ts';
export { rateBy, totalBy, type Panel, type Threshold, type Unit } from './panel.ts';

/** The panels of what the gateway itself exports: Grafana draws them from Prometheus, the live page from its own. */
export const GATEWAY_PANELS = [
  ...REQUEST_PANELS,
  ...AI_PANELS,
  ...CACHE_PANELS,
  ...PROTECTION_PANELS,
  ...PROCESS_PANELS,
] as const;
