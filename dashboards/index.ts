export { dashboards } from './build.ts';
export { DASHBOARDS, type Dashboard } from './table.ts';
export { PANELS, panelsOf, type PanelId } from './panels.ts';
export type { Panel, Threshold, Unit } from './panel.ts';
