import { HEALTH_ROUTE, toBytes, toSeconds, type Duration } from '../../../service/definition/index.ts';
import type { IngressValues } from './values.ts';

/** How long a balancer waits for a pod to accept a connection; one that does not within it is taken as gone. */
export const CONNECT_TIMEOUT: Duration = '5s';

/** How long after its start a request may still be sent to another pod: long enough for two connections to fail. */
const RETRY_WINDOW: Duration = '10s';

/** What ingress-nginx is told; its timeouts are whole seconds without a unit. */
export function nginxAnnotations({ balancer, gateway }: IngressValues): Record<string, string> {
  return prefixed('nginx.ingress.kubernetes.io', {
    'proxy-connect-timeout': seconds(CONNECT_TIMEOUT),
    // Each counts the time between two bytes, so a stream may last longer while it is not silent as long.
    'proxy-read-timeout': seconds(balancer.requestTimeout),
    'proxy-send-timeout': seconds(balancer.requestTimeout),
    // Without non_idempotent: a POST or PATCH is sent again only when no byte of it was sent.
    'proxy-next-upstream': 'error timeout http_502 http_503',
    'proxy-next-upstream-tries': '2',
    // A pod that stays silent for the whole read timeout is not worth a second one.
    'proxy-next-upstream-timeout': seconds(RETRY_WINDOW),
    'proxy-body-size': `${toBytes(gateway.maxBody)}`,
    // Buffered, the events of a stream would come in lumps.
    'proxy-buffering': 'off',
  });
}

/** What the AWS Load Balancer Controller is told. An ALB repeats no request: a client has to. */
export function albAnnotations({ balancer, gateway, ingress, routes }: IngressValues): Record<string, string> {
  const { period, failures } = gateway.probes.readiness;
  const interval = Math.min(300, Math.max(5, Math.ceil(toSeconds(period))));
  return prefixed('alb.ingress.kubernetes.io', {
    scheme: ingress.scheme ?? 'internal',
    'listen-ports': '[{"HTTPS":443}]',
    // Straight to the pods: the Service has no port on the nodes, and a node would hide which pod is bad.
    'target-type': 'ip',
    'load-balancer-attributes': `idle_timeout.timeout_seconds=${seconds(balancer.idleTimeout)}`,
    // A pod that stops keeps what it works on for as long as Kubernetes lets it live.
    'target-group-attributes': `deregistration_delay.timeout_seconds=${seconds(gateway.terminationGrace)}`,
    'healthcheck-path': routes[HEALTH_ROUTE]?.path ?? '/',
    'healthcheck-interval-seconds': `${interval}`,
    'healthcheck-timeout-seconds': `${interval - 1}`,
    'unhealthy-threshold-count': `${Math.min(10, Math.max(2, failures))}`,
    'success-codes': '200',
  });
}

function seconds(duration: Duration): string {
  return `${Math.ceil(toSeconds(duration))}`;
}

function prefixed(prefix: string, annotations: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`${prefix}/${name}`, value]));
}
