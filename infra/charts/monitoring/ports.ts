import type { StoreExporter } from '../../../service/definition/index.ts';

/** Port of a standalone Prometheus. */
export const PROMETHEUS_PORT = 9090;

/** Port of a standalone Alertmanager. */
export const ALERTMANAGER_PORT = 9093;

/** Port of a standalone Grafana. */
export const GRAFANA_PORT = 3000;

/** Where each exporter is scraped; those of their public images too. */
export const EXPORTER_PORTS = { 'redis-exporter': 9121, 'postgres-exporter': 9187 } as const satisfies Readonly<
  Record<StoreExporter, number>
>;
