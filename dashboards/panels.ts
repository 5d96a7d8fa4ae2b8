import { runsAny, type Service } from '../service/definition/index.ts';
import { namespaceScope, toPromql, type Scope } from '../service/telemetry/expression/index.ts';
import { GATEWAY_PANELS, type Panel } from '../service/telemetry/panels/index.ts';
import { CLUSTER_PANELS } from './cluster-panels.ts';
import { DRILL_PANELS } from './drill-panels.ts';
import { GUARD_PANELS } from './guard-panels.ts';
import { OBJECTIVE_PANELS } from './objective-panels.ts';
import { RELEASE_PANELS } from './release-panels.ts';
import { STORE_PANELS } from './store-panels.ts';

/** Every panel: those of the gateway itself, which its live page draws too, and those of what others tell. */
export const PANELS = [
  ...GATEWAY_PANELS,
  ...OBJECTIVE_PANELS,
  ...STORE_PANELS,
  ...CLUSTER_PANELS,
  ...RELEASE_PANELS,
  ...GUARD_PANELS,
  ...DRILL_PANELS,
] as const;

/** Name of a panel. */
export type PanelId = (typeof PANELS)[number]['id'];

/** How far back rates look; that of the alerts, so that a panel draws what an alert compares. */
const WINDOW = '5m';

/** The panels of an environment: those that what it scrapes can fill. */
export function panelsOf(service: Service): readonly Panel[] {
  return (PANELS as readonly Panel[]).filter(({ exporters }) => runsAny(service, exporters));
}

/** The queries of a panel in PromQL; default: of the series of one environment. */
export function promqlOf(
  { queries }: Pick<Panel, 'queries'>,
  service: Service,
  scope: Scope = namespaceScope(service.namespace, WINDOW),
): readonly string[] {
  return queries(service).map((query) => toPromql(query, scope));
}
