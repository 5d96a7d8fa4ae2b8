/** What the sidecar of Grafana finds the ConfigMaps of dashboards by. */
export const DASHBOARD_LABEL = { grafana_dashboard: '1' } as const;

/** What tells the sidecar of Grafana the folder of a dashboard; it is its own name for it. */
export const DASHBOARD_FOLDER = 'k8s-sidecar-target-directory';
