import { runsAny, type Service } from '../service/definition/index.ts';
import type { Alert } from './alert.ts';
import { CLUSTER_ALERTS } from './cluster-alerts.ts';
import { DRILL_ALERTS } from './drill-alerts.ts';
import { ENDING_ALERTS } from './ending-alerts.ts';
import { FORECAST_ALERTS } from './forecast-alerts.ts';
import { GATEWAY_ALERTS } from './gateway-alerts.ts';
import { GUARD_ALERTS } from './guard-alerts.ts';
import { LANE_ALERTS } from './lane-alerts.ts';
import { OBJECTIVE_ALERTS } from './objective-alerts.ts';
import { PROCESS_ALERTS } from './process-alerts.ts';
import { RELEASE_ALERTS } from './release-alerts.ts';
import { STORE_ALERTS } from './store-alerts.ts';
import { WATCH_ALERTS } from './watch-alerts.ts';

/** Name of an alert. */
export type AlertId = (typeof ALERTS)[number]['id'];

/** Every alert of the service. */
export const ALERTS = [
  ...OBJECTIVE_ALERTS,
  ...GATEWAY_ALERTS,
  ...LANE_ALERTS,
  ...PROCESS_ALERTS,
  ...STORE_ALERTS,
  ...CLUSTER_ALERTS,
  ...FORECAST_ALERTS,
  ...RELEASE_ALERTS,
  ...ENDING_ALERTS,
  ...GUARD_ALERTS,
  ...DRILL_ALERTS,
  ...WATCH_ALERTS,
] as const satisfies readonly Alert[];

/** The alerts of an environment: those that make sense there and that what it scrapes can tell. */
export function alertsOf(service: Service): readonly Alert[] {
  return (ALERTS as readonly Alert[]).filter((alert) => isFor(alert, service));
}

/** Whether an environment has an alert. */
export function isFor({ exporters, only }: Pick<Alert, 'exporters' | 'only'>, service: Service): boolean {
  return runsAny(service, exporters) && (only === undefined || only.holds(service));
}
