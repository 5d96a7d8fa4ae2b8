import { toSeconds } from '../../../service/definition/index.ts';
import { podsThatServe } from '../../pods.ts';
import { CONNECT_TIMEOUT } from './annotations.ts';
import { REPEATABLE_REQUESTS } from './http-routes.ts';
import type { CustomObject, IngressValues } from './values.ts';

// A request that was never sent may always be sent again, whatever it does.
const NEVER_SENT = ['connect-failure', 'refused-stream', 'reset-before-request'];

/** When Envoy sends a request to another pod, once. */
const RETRY_ON = {
  every: { triggers: NEVER_SENT },
  repeatable: { triggers: [...NEVER_SENT, 'reset', 'retriable-status-codes'], httpStatusCodes: [502, 503] },
} as const;

/** When a pod is taken out. What the gateway answers itself counts less than a connection that is refused. */
const EJECTION = {
  interval: '2s',
  baseEjectionTime: '10s',
  splitExternalLocalOriginErrors: true,
  consecutiveLocalOriginFailures: 3,
  consecutiveGatewayErrors: 10,
  consecutive5XxErrors: 20,
} as const;

/** A BackendTrafficPolicy for each route: retry, ejection, bounds and connections. */
export function envoyObjects(values: IngressValues, routes: readonly CustomObject[]): readonly CustomObject[] {
  return routes.map(({ name, kind }) => ({
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'BackendTrafficPolicy',
    name,
    spec: {
      targetRefs: [{ group: 'gateway.networking.k8s.io', kind, name }],
      retry: { numRetries: 1, retryOn: RETRY_ON[name === REPEATABLE_REQUESTS ? 'repeatable' : 'every'] },
      healthCheck: { passive: { ...EJECTION, maxEjectionPercent: ejectable(values) } },
      circuitBreaker: bounds(values),
      timeout: {
        tcp: { connectTimeout: CONNECT_TIMEOUT },
        http: { connectionIdleTimeout: `${toSeconds(values.balancer.idleTimeout)}s` },
      },
    },
  }));
}

/** One pod of the fewest that there are: what a failed dependency makes all of them answer must not eject them all. */
function ejectable({ scaling }: IngressValues): number {
  return Math.floor(100 / Math.max(2, scaling.min));
}

/** As much as all pods admit: with less, Envoy would refuse what the gateway would serve; the gateway sheds better. */
function bounds(values: IngressValues): object {
  const { maxInFlight, maxStreams } = values.resilience;
  const most = podsThatServe(values) * (maxInFlight + maxStreams);
  return { maxConnections: most, maxParallelRequests: most, maxPendingRequests: most };
}
