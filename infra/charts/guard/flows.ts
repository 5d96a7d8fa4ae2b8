import { GUARD_PORT, isGuarded, prometheusUrl, type Service } from '../../../service/definition/index.ts';
import { endsOf } from '../monitoring/flows.ts';
import { PROMETHEUS_PORT } from '../monitoring/ports.ts';
import type { Flow } from '../network/flow.ts';
import { API_SERVER, hostOf, portOf } from '../network/place.ts';

type Values = Pick<Service, 'gateway' | 'monitoring' | 'release'>;

/** Who tells the guard, whom it asks, and whom it tells. */
export function guardFlows(values: Values): readonly Flow[] {
  if (!isGuarded(values)) return [];
  const { gateway, monitoring, release } = values;
  const own = monitoring.kind === 'standalone';
  const prometheus = own ? 'prometheus' : 'cluster-prometheus';
  const asked = prometheusUrl(values);
  const receiver = monitoring.receivers[release.guard.receiver ?? ''];
  return [
    { from: own ? 'alertmanager' : 'cluster-alertmanager', to: 'guard', ports: [GUARD_PORT] },
    { from: prometheus, to: 'guard', ports: [GUARD_PORT] },
    { from: prometheus, to: 'gateway-withdrawn', ports: [gateway.opsPort] },
    own
      ? { from: 'guard', to: 'prometheus', ports: [PROMETHEUS_PORT] }
      : { from: 'guard', to: hostOf(asked), ports: [portOf(asked)] },
    { from: 'guard', to: { host: API_SERVER.host }, ports: API_SERVER.ports },
    // Synthetic requests: to a release and the one before it, and to the one that was withdrawn.
    { from: 'guard', to: 'gateway', ports: [gateway.port] },
    { from: 'guard', to: 'gateway-withdrawn', ports: [gateway.port] },
    ...endsOf({ webhook: receiver?.webhook }).map((end): Flow => ({ from: 'guard', ...end })),
  ];
}

/** The pod of a withdrawn release is to fail as it failed: it reaches whatever a gateway does. */
export function withWithdrawn(flows: readonly Flow[], values: Pick<Service, 'release'>): readonly Flow[] {
  if (!isGuarded(values)) return flows;
  const outgoing = flows.filter(({ from }) => from === 'gateway');
  return [...flows, ...outgoing.map((flow): Flow => ({ ...flow, from: 'gateway-withdrawn' }))];
}
