export { dashboards } from './build.ts';
export type { Link, RunbookLinks } from './links.ts';
export { DASHBOARDS, type Dashboard } from './table.ts';
export { PANELS, panelsOf, promqlOf, type PanelId } from './panels.ts';
export { GRAFANA_SCOPE, VARIABLES } from './scope.ts';
