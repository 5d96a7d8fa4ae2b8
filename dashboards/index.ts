export { dashboards } from './build.ts';
export { DASHBOARDS, type Dashboard } from './table.ts';
export { PANELS, panelsOf, promqlOf, type PanelId } from './panels.ts';
