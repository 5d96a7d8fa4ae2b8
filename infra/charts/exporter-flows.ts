import { exportersOf, REDIS_STORES, type Exporter, type Service } from '../../service/definition/index.ts';
import type { Flow } from './flow.ts';
import { POSTGRES_PORT } from './postgres-place.ts';
import { REDIS_PORT } from './redis-place.ts';

/** Where each exporter is scraped; those of their public images too. */
export const EXPORTER_PORTS = { 'redis-exporter': 9121, 'postgres-exporter': 9187 } as const satisfies Readonly<
  Record<Exporter, number>
>;

const STORES: Readonly<Record<Exporter, readonly Pick<Flow, 'ports' | 'to'>[]>> = {
  'redis-exporter': Object.values(REDIS_STORES).map((to) => ({ to, ports: [REDIS_PORT] })),
  'postgres-exporter': [{ to: 'postgres', ports: [POSTGRES_PORT] }],
};

/** Who scrapes the exporters of an environment, and whom they ask. */
export function exporterFlows(values: Pick<Service, 'datastores' | 'monitoring' | 'stores'>): readonly Flow[] {
  const from = values.monitoring.kind === 'standalone' ? 'prometheus' : 'cluster-prometheus';
  return exportersOf(values).flatMap((exporter): Flow[] => [
    { from, to: exporter, ports: [EXPORTER_PORTS[exporter]] },
    ...STORES[exporter].map((flow) => ({ from: exporter, ...flow })),
  ]);
}
