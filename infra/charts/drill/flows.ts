import { isDeepStrictEqual } from 'node:util';
import {
  DRILL_PORT,
  DRILL_PROXY_PORT,
  isDrilled,
  prometheusUrl,
  REDIS_STORES,
  type Service,
} from '../../../service/definition/index.ts';
import { PROMETHEUS_PORT } from '../monitoring/ports.ts';
import type { Flow } from '../network/flow.ts';
import { API_SERVER, hostOf, portOf } from '../network/place.ts';

type Values = Pick<Service, 'datastores' | 'drills' | 'gateway' | 'monitoring' | 'stores' | 'upstream'>;

/** Whom a drill asks and tells, and who asks its keeper. */
export function drillFlows(values: Values): readonly Flow[] {
  if (!isDrilled(values)) return [];
  const { gateway, monitoring } = values;
  const own = monitoring.kind === 'standalone';
  const asked = prometheusUrl(values);
  return [
    // Its load, and what the gateway says of itself.
    { from: 'drill', to: 'gateway', ports: [gateway.port, gateway.opsPort] },
    own
      ? { from: 'drill', to: 'prometheus', ports: [PROMETHEUS_PORT] }
      : { from: 'drill', to: hostOf(asked), ports: [portOf(asked)] },
    { from: 'drill', to: 'drill-keeper', ports: [DRILL_PORT] },
    { from: own ? 'prometheus' : 'cluster-prometheus', to: 'drill-keeper', ports: [DRILL_PORT] },
    { from: 'drill-keeper', to: 'drill-proxy', ports: [DRILL_PROXY_PORT] },
    ...(['drill', 'drill-keeper'] as const).map((from): Flow => ({
      from,
      to: { host: API_SERVER.host },
      ports: API_SERVER.ports,
    })),
  ];
}

/** While a fault proxy stands in front of a program, whoever speaks to that speaks to the proxy, and the proxy to it. */
export function withProxies(flows: readonly Flow[], values: Values): readonly Flow[] {
  if (!isDrilled(values)) return flows;
  const proxied = proxiedIn(values);
  const through = flows.filter(({ to }) => proxied.some((end) => isDeepStrictEqual(end, to)));
  const onwards = new Map(through.map(({ to, ports }) => [to, ports]));
  return [
    ...flows,
    ...through.map((flow): Flow => ({ ...flow, to: 'drill-proxy' })),
    ...[...onwards].map(([to, ports]): Flow => ({ from: 'drill-proxy', to, ports })),
  ];
}

/**
 * The programs that are reached by a Service which may be turned to a proxy. The replicated state of Redis is reached by
 * the names of its pods, and CloudNativePG turns its Services back. A bad release has a proxy in front of its upstream,
 * wherever that is.
 */
function proxiedIn({ datastores, stores, upstream }: Values): readonly Flow['to'][] {
  const { backend, redis } = stores;
  const own = backend === 'redis' && redis.kind !== 'external';
  return [
    upstream.deploy ? 'upstream' : hostOf(upstream.origin),
    ...(own && redis.kind === 'single' ? [REDIS_STORES.state] : []),
    ...(own ? [REDIS_STORES.cache] : []),
    ...(datastores.postgres.kind === 'single' ? (['postgres'] as const) : []),
  ];
}
