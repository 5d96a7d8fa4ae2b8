import { exportersOf, REDIS_STORES, type Exporter, type Service } from '../../service/definition/index.ts';
import type { Flow } from './flows.ts';
import type { Component } from './labels.ts';

/** Where each exporter is scraped; those of their public images too. */
export const EXPORTER_PORTS = { 'redis-exporter': 9121, 'postgres-exporter': 9187 } as const satisfies Readonly<
  Record<Exporter, number>
>;

const STORES = {
  'redis-exporter': Object.values(REDIS_STORES),
  'postgres-exporter': ['postgres'],
} as const satisfies Readonly<Record<Exporter, readonly Component[]>>;

/** Who scrapes the exporters of an environment, and whom they ask; `ports` are those of the stores. */
export function exporterFlows(
  values: Pick<Service, 'datastores' | 'monitoring' | 'stores'>,
  ports: Readonly<Record<Exporter, number>>,
): readonly Flow[] {
  const from = values.monitoring.kind === 'standalone' ? 'prometheus' : 'cluster-prometheus';
  return exportersOf(values).flatMap((exporter): Flow[] => [
    { from, to: exporter, ports: [EXPORTER_PORTS[exporter]] },
    ...STORES[exporter].map((to) => ({ from: exporter, to, ports: [ports[exporter]] })),
  ]);
}
