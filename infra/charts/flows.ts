import { isDrilled, type Service } from '../../service/definition/index.ts';
import { chaosMeshFlows } from './chaos-mesh/flows.ts';
import { drillFlows, withProxies } from './drill/flows.ts';
import { guardFlows, withWithdrawn } from './guard/flows.ts';
import { monitoringFlows } from './monitoring/flows.ts';
import type { Flow, Outsider } from './network/flow.ts';
import { hostOf, portOf } from './network/place.ts';
import { postgresFlows } from './postgres/flows.ts';
import { redisFlows } from './redis/flows.ts';

/** The values that decide who talks to whom. */
export type FlowValues = Pick<
  Service,
  | 'ai'
  | 'datastores'
  | 'drills'
  | 'gateway'
  | 'ingress'
  | 'monitoring'
  | 'namespace'
  | 'release'
  | 'stores'
  | 'telemetry'
  | 'upstream'
>;

/** Who talks to whom in one environment, beside name resolution, which every pod may use. */
export function flows(values: FlowValues): readonly Flow[] {
  const { ai, gateway, ingress, stores, telemetry, upstream } = values;
  const { collector } = telemetry.traces;
  const traced = upstream.deploy ? (['gateway', 'upstream'] as const) : (['gateway'] as const);
  const declared: readonly Flow[] = [
    { from: balancer(ingress), to: 'gateway', ports: [gateway.port] },
    ...redisFlows(stores),
    ...postgresFlows(values, ['gateway', 'migration', ...(isDrilled(values) ? (['drill'] as const) : [])]),
    upstream.deploy
      ? { from: 'gateway', to: 'upstream', ports: [upstream.port] }
      : { from: 'gateway', to: hostOf(upstream.origin), ports: [portOf(upstream.origin)] },
    ...Object.values(ai.providers).flatMap(({ baseUrl }): Flow[] =>
      baseUrl === undefined ? [] : [{ from: 'gateway', to: hostOf(baseUrl), ports: [portOf(baseUrl)] }],
    ),
    ...(collector === undefined
      ? []
      : traced.map((from) => ({ from, to: hostOf(collector), ports: [portOf(collector)] }))),
    ...monitoringFlows(values),
    ...guardFlows(values),
    ...drillFlows(values),
    ...chaosMeshFlows(values),
  ];
  return withWithdrawn(withProxies(declared, values), values);
}

/** Who sends requests: the balancer's pods where it has some in the cluster, else whoever reaches the cluster. */
function balancer({ kind, controllerNamespace }: Service['ingress']): Outsider {
  if (kind === 'none' || controllerNamespace === undefined) return 'anyone';
  return { host: `balancer.${controllerNamespace}.svc` };
}
