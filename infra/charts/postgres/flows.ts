import type { Service } from '../../../service/definition/index.ts';
import type { Flow, Outsider } from '../network/flow.ts';
import { API_SERVER, hostOf, portOf } from '../network/place.ts';
import type { Component } from '../objects/labels.ts';
import { POSTGRES_PORT, postgresServer } from './place.ts';

type Values = Pick<Service, 'datastores' | 'monitoring'>;

/** Where the instances of CloudNativePG tell the operator and each other how they are. */
const STATUS_PORT = 8000;

/** Where they tell Prometheus. */
const METRICS_PORT = 9187;

/**
 * Who talks to Postgres, and whom it talks to itself. `clients` reach it beside a pooler too: migrations, and gateways
 * of the release before there was one, which know no other way until the last of them is replaced.
 */
export function postgresFlows(values: Values, clients: readonly Component[]): readonly Flow[] {
  const { postgres } = values.datastores;
  const server = postgresServer(postgres);
  if (server === undefined) return clients.map((from) => ({ from, to: 'outside', ports: [postgres.externalPort] }));
  return [
    ...clients.map((from) => ({ from, to: server, ports: [POSTGRES_PORT] })),
    ...(server === 'postgres' ? [{ from: 'postgres-backup', to: server, ports: [POSTGRES_PORT] } as const] : []),
    ...(postgres.pooler
      ? [
          { from: 'gateway', to: 'postgres-pooler', ports: [POSTGRES_PORT] } as const,
          { from: 'postgres-pooler', to: server, ports: [POSTGRES_PORT] } as const,
        ]
      : []),
    ...(server === 'postgres-cluster' ? clusterFlows(values) : []),
  ];
}

/**
 * What the instances of CloudNativePG need, as the operator's documentation asks for it
 * (https://cloudnative-pg.io/documentation/current/networking/).
 */
function clusterFlows({ datastores, monitoring }: Values): Flow[] {
  const { operatorNamespace, objectStore } = datastores.postgres.cluster;
  const server = 'postgres-cluster';
  const operator: Outsider = { host: `operator.${operatorNamespace}.svc` };
  return [
    { from: operator, to: server, ports: [POSTGRES_PORT, STATUS_PORT] },
    { from: server, to: server, ports: [POSTGRES_PORT, STATUS_PORT] },
    // Each instance asks there what it is to be, and tells what it has become.
    { from: server, to: { host: API_SERVER.host }, ports: API_SERVER.ports },
    ...(objectStore ? [storeFlow(objectStore.endpoint)] : []),
    ...(monitoring.kind === 'operator'
      ? [{ from: 'cluster-prometheus', to: server, ports: [METRICS_PORT] } as const]
      : []),
  ];
}

function storeFlow(endpoint: string | undefined): Flow {
  const from = 'postgres-cluster';
  if (endpoint === undefined) return { from, to: 'outside', ports: [443] };
  return { from, to: hostOf(endpoint), ports: [portOf(endpoint)] };
}
