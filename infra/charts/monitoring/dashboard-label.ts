/** What the sidecar of Grafana finds the ConfigMaps of dashboards by. */
export const DASHBOARD_LABEL = { grafana_dashboard: '1' } as const;
