import {
  receiversInUse,
  REDIS_STORES,
  storeExportersOf,
  type Receiver,
  type Service,
  type StoreExporter,
} from '../../../service/definition/index.ts';
import type { Flow } from '../network/flow.ts';
import { hostOf, portOf } from '../network/place.ts';
import { POSTGRES_PORT } from '../postgres/place.ts';
import { REDIS_PORT } from '../redis/place.ts';
import { clusterFlows } from './cluster-scrapes.ts';
import { ALERTMANAGER_PORT, EXPORTER_PORTS, PROMETHEUS_PORT } from './ports.ts';

type Values = Pick<
  Service,
  'datastores' | 'drills' | 'gateway' | 'ingress' | 'monitoring' | 'namespace' | 'release' | 'stores'
>;

const ASKED: Readonly<Record<StoreExporter, readonly Pick<Flow, 'ports' | 'to'>[]>> = {
  'redis-exporter': Object.values(REDIS_STORES).map((to) => ({ to, ports: [REDIS_PORT] })),
  'postgres-exporter': [{ to: 'postgres', ports: [POSTGRES_PORT] }],
};

/** Who scrapes the programs of an environment, whom exporters ask, and what a standalone monitoring says to itself. */
export function monitoringFlows(values: Values): readonly Flow[] {
  const { gateway, monitoring } = values;
  const from = monitoring.kind === 'standalone' ? 'prometheus' : 'cluster-prometheus';
  return [
    { from, to: 'gateway', ports: [gateway.opsPort] },
    ...storeExportersOf(values).flatMap((exporter): Flow[] => [
      { from, to: exporter, ports: [EXPORTER_PORTS[exporter]] },
      ...ASKED[exporter].map((flow) => ({ from: exporter, ...flow })),
    ]),
    ...(monitoring.kind === 'standalone' ? [...standaloneFlows(values), ...clusterFlows(values)] : []),
  ];
}

function standaloneFlows({ monitoring }: Values): readonly Flow[] {
  const told = receiversInUse(monitoring).flatMap(([, receiver]) => endsOf(receiver));
  return [
    { from: 'prometheus', to: 'alertmanager', ports: [ALERTMANAGER_PORT] },
    ...once(told).map((end): Flow => ({ from: 'alertmanager', ...end })),
    ...(monitoring.grafana ? [{ from: 'grafana', to: 'prometheus', ports: [PROMETHEUS_PORT] } as const] : []),
  ];
}

type End = Pick<Flow, 'ports' | 'to'>;

/** Whom somebody talks to in order to tell a receiver. */
export function endsOf({ webhook, email, slack, pagerduty }: Receiver): readonly End[] {
  return [
    ...(webhook ? [webhook.url === undefined ? outside(webhook.port) : endOf(webhook.url)] : []),
    // Host and port alone, so any scheme will do.
    ...(email ? [endOf(`smtp://${email.smarthost}`)] : []),
    ...(slack ? [outside(slack.port)] : []),
    ...(pagerduty ? [endOf(pagerduty.url)] : []),
  ];
}

function endOf(url: string): End {
  return { to: hostOf(url), ports: [portOf(url)] };
}

function outside(port = 443): End {
  return { to: 'outside', ports: [port] };
}

/** Several receivers may be reached in one way. */
function once(ends: readonly End[]): readonly End[] {
  return [...new Map(ends.map((end) => [JSON.stringify(end), end])).values()];
}
