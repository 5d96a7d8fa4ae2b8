import type { Service } from '../../service/definition/index.ts';
import { exporterFlows } from './exporter-flows.ts';
import type { Flow, Outsider } from './flow.ts';
import { hostOf, portOf } from './place.ts';
import { postgresFlows } from './postgres-flows.ts';
import { redisFlows } from './redis-flows.ts';

export type { Flow, Outsider } from './flow.ts';

/** The values that decide who talks to whom. */
export type FlowValues = Pick<Service, 'datastores' | 'gateway' | 'ingress' | 'monitoring' | 'stores' | 'upstream'>;

/** Who talks to whom in one environment, beside name resolution, which every pod may use. */
export function flows(values: FlowValues): readonly Flow[] {
  const { gateway, ingress, monitoring, stores, upstream } = values;
  const standalone = monitoring.kind === 'standalone';
  const rows: readonly (Flow | false)[] = [
    { from: balancer(ingress), to: 'gateway', ports: [gateway.port] },
    { from: standalone ? 'prometheus' : 'cluster-prometheus', to: 'gateway', ports: [gateway.opsPort] },
    ...redisFlows(stores),
    ...postgresFlows(values, ['gateway', 'migration']),
    upstream.deploy
      ? { from: 'gateway', to: 'upstream', ports: [upstream.port] }
      : { from: 'gateway', to: hostOf(upstream.origin), ports: [portOf(upstream.origin)] },
    ...exporterFlows(values),
    standalone && { from: 'prometheus', to: 'alertmanager', ports: [ALERTMANAGER_PORT] },
    standalone && { from: 'alertmanager', to: hostOf(monitoring.receiver), ports: [portOf(monitoring.receiver)] },
    standalone && monitoring.grafana !== undefined && { from: 'grafana', to: 'prometheus', ports: [PROMETHEUS_PORT] },
  ];
  return rows.filter((row) => row !== false);
}

/** Who sends requests: the balancer's pods where it has some in the cluster, else whoever reaches the cluster. */
function balancer({ kind, controllerNamespace }: Service['ingress']): Outsider {
  if (kind === 'none' || controllerNamespace === undefined) return 'anyone';
  return { host: `balancer.${controllerNamespace}.svc` };
}

export { POSTGRES_PORT } from './postgres-place.ts';
export { REDIS_PORT } from './redis-place.ts';

/** Port of a standalone Prometheus. */
export const PROMETHEUS_PORT = 9090;

/** Port of a standalone Alertmanager. */
export const ALERTMANAGER_PORT = 9093;

/** Port of a standalone Grafana. */
export const GRAFANA_PORT = 3000;
