import { exportersOf, REDIS_STORES, type Exporter, type Service } from '../../../service/definition/index.ts';
import type { Flow } from '../network/flow.ts';
import { hostOf, portOf } from '../network/place.ts';
import { POSTGRES_PORT } from '../postgres/place.ts';
import { REDIS_PORT } from '../redis/place.ts';
import { ALERTMANAGER_PORT, EXPORTER_PORTS, PROMETHEUS_PORT } from './ports.ts';

type Values = Pick<Service, 'datastores' | 'gateway' | 'monitoring' | 'stores'>;

const ASKED: Readonly<Record<Exporter, readonly Pick<Flow, 'ports' | 'to'>[]>> = {
  'redis-exporter': Object.values(REDIS_STORES).map((to) => ({ to, ports: [REDIS_PORT] })),
  'postgres-exporter': [{ to: 'postgres', ports: [POSTGRES_PORT] }],
};

/** Who scrapes the programs of an environment, whom exporters ask, and what a standalone monitoring says to itself. */
export function monitoringFlows(values: Values): readonly Flow[] {
  const { gateway, monitoring } = values;
  const from = monitoring.kind === 'standalone' ? 'prometheus' : 'cluster-prometheus';
  return [
    { from, to: 'gateway', ports: [gateway.opsPort] },
    ...exportersOf(values).flatMap((exporter): Flow[] => [
      { from, to: exporter, ports: [EXPORTER_PORTS[exporter]] },
      ...ASKED[exporter].map((flow) => ({ from: exporter, ...flow })),
    ]),
    ...(monitoring.kind === 'standalone' ? standaloneFlows(monitoring) : []),
  ];
}

function standaloneFlows({ grafana, receiver }: Service['monitoring']): readonly Flow[] {
  return [
    { from: 'prometheus', to: 'alertmanager', ports: [ALERTMANAGER_PORT] },
    { from: 'alertmanager', to: hostOf(receiver), ports: [portOf(receiver)] },
    ...(grafana ? [{ from: 'grafana', to: 'prometheus', ports: [PROMETHEUS_PORT] } as const] : []),
  ];
}
