import { z } from 'zod';
import { findBalancerClass, type BalancerClass } from './balancer-classes.ts';
import { duration, label, text, word } from './fields.ts';

const host = text<string>(
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
  "a host name without port, such as 'api.acme.com'",
);
const annotation = text<string>(
  /^([a-z0-9.-]+\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
  "an annotation's name, such as 'haproxy.org/timeout-server'",
);

/** How requests from outside the cluster reach the gateway. */
export const ingressSchema = z.strictObject({
  /** `gateway`: an HTTPRoute of the Gateway API; `ingress`: an Ingress; `none`: nothing that we make. */
  kind: word('none', 'gateway', 'ingress'),
  /** What kind of balancer it is: `nginx`, `envoy`, `alb`, or another one, which needs `values`. */
  class: label.optional(),
  /** Name of its IngressClass or GatewayClass on the cluster; absent: the class. */
  className: label.optional(),
  /** The name under which clients know the service. */
  host: host.optional(),
  /** Namespace whose pods send the requests: nobody else reaches the gateway. Absent: whoever reaches the cluster does. */
  controllerNamespace: label.optional(),
  /** The Gateway that serves the route, where the platform has one with a certificate; absent: one is made. */
  parent: z
    .strictObject({
      name: label,
      namespace: label,
      /** One of its listeners; absent: all that admit the route. */
      listener: label.optional(),
    })
    .optional(),
  /** The certificate: asked for at a ClusterIssuer of cert-manager, or in a Secret that is there. */
  tls: z.strictObject({ issuer: label.optional(), secret: label.optional() }).optional(),
  /** Who may reach an ALB: the network that it is in, or everyone. */
  scheme: word('internal', 'internet-facing').optional(),
  /** How a class behaves that is not known here. */
  values: z
    .strictObject({
      /** What its request timeout counts: the time to the answer's last byte, or that without any byte. */
      counts: word('total', 'idle'),
      /** How long it keeps an idle connection to a pod. */
      idleTimeout: duration,
      /** Annotations that make it repeat once what is safe to repeat, or that it cannot. */
      retry: z.union([z.literal('none'), z.record(annotation, z.string())], {
        error: "'none' or annotations by their names",
      }),
    })
    .optional(),
});

/** How requests reach the gateway. */
export type IngressSettings = z.output<typeof ingressSchema>;

/** How the balancer of an environment behaves; undefined where we make none, or a value is missing. */
export function balancerOf({ kind, class: name, values }: IngressSettings): BalancerClass | undefined {
  if (kind === 'none') return undefined;
  const known = findBalancerClass(name);
  if (known || !values) return known;
  return {
    kind,
    counts: values.counts,
    // The Gateway API gives each rule a request timeout; an Ingress has one for all of its paths.
    streamTimeout: kind === 'gateway' && values.counts === 'total',
    oneTimeout: false,
    idleTimeoutSet: 'by its operator',
    retry: values.retry !== 'none',
    ejection: 'none',
  };
}
