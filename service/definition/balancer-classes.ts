/** How a class of balancers behaves: what the ladders and the manifests both follow. */
export type BalancerClass = {
  /** Which objects of Kubernetes it reads: those of the Gateway API or an Ingress. */
  readonly kind: 'gateway' | 'ingress';
  /** What its request timeout counts: the time to the answer's last byte, or that without any byte. */
  readonly counts: 'total' | 'idle';
  /** Whether routes that stream can have a request timeout of their own. */
  readonly streamTimeout: boolean;
  /** Whether one setting bounds silence within a request and between two: both timeouts are then equal. */
  readonly oneTimeout: boolean;
  /** Who tells it how long it keeps an idle connection to a pod: the manifests, or those who run it. */
  readonly idleTimeoutSet: 'by manifests' | 'by its operator';
  /** Whether it can repeat once, on another pod, what is safe to repeat. */
  readonly retry: boolean;
  /** How it takes a bad pod out sooner than its readiness does; `none`: it cannot. */
  readonly ejection: 'failed requests' | 'health checks' | 'none';
};

/** The classes that we know; any other states its own values in `ingress.values`. */
export const BALANCER_CLASSES = {
  // ingress-nginx: upstream-keepalive-timeout is a key of its ConfigMap, for every Ingress at once.
  nginx: {
    kind: 'ingress',
    counts: 'idle',
    streamTimeout: false,
    oneTimeout: false,
    idleTimeoutSet: 'by its operator',
    retry: true,
    ejection: 'none',
  },
  // Envoy Gateway: timeouts.request of an HTTPRoute, the rest in a BackendTrafficPolicy.
  envoy: {
    kind: 'gateway',
    counts: 'total',
    streamTimeout: true,
    oneTimeout: false,
    idleTimeoutSet: 'by manifests',
    retry: true,
    ejection: 'failed requests',
  },
  // AWS Load Balancer Controller: idle_timeout.timeout_seconds is the only timeout of an ALB.
  alb: {
    kind: 'ingress',
    counts: 'idle',
    streamTimeout: false,
    oneTimeout: true,
    idleTimeoutSet: 'by manifests',
    retry: false,
    ejection: 'health checks',
  },
} as const satisfies Readonly<Record<string, BalancerClass>>;

/** The row of a class by its name; undefined for one that we do not know. */
export function findBalancerClass(name: string | undefined): BalancerClass | undefined {
  return Object.entries(BALANCER_CLASSES).find(([known]) => known === name)?.[1];
}
