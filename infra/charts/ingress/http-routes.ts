import { toSeconds, type BalancerClass, type Duration } from '../../../service/definition/index.ts';
import type { CustomObject, IngressValues } from './values.ts';

/** What routes hang on, and how the balancer that reads them behaves. */
export type RouteProps = {
  readonly parent: { readonly name: string; readonly namespace: string; readonly listener?: string | undefined };
  readonly behaviour: BalancerClass | undefined;
  readonly annotations: Readonly<Record<string, string>>;
};

/** The route that carries every request which no other takes. */
const EVERY_REQUEST = 'gateway';

/** The route of requests that may be repeated: of two routes, the one that names a method is the more specific. */
export const REPEATABLE_REQUESTS = 'gateway-repeatable';

/** Methods whose repetition changes nothing (RFC 9110, 9.2.2). */
const REPEATABLE = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'];

/**
 * HTTPRoutes: streams with a time of their own where it counts, and repeatable requests apart where they are repeated.
 */
export function httpRoutes(values: IngressValues, props: RouteProps): readonly CustomObject[] {
  const { behaviour } = props;
  const total = behaviour?.counts === 'total';
  const whole = { timeouts: timeouts(total, toSeconds(values.balancer.requestTimeout)) };
  const streams = Object.values(values.routes).filter((each) => each.streams === true);
  const streamed = total && streams.length > 0;
  const rules = [
    ...(streamed ? [{ matches: streams.map(match), timeouts: timeouts(true, streamSeconds(values)) }] : []),
    { matches: [{ path: { type: 'PathPrefix', value: '/' } }], ...whole },
  ];
  const repeatable = REPEATABLE.map((method) => ({ path: { type: 'PathPrefix', value: '/' }, method }));
  return [
    route(values, props, EVERY_REQUEST, rules),
    ...(behaviour?.retry === true
      ? [route(values, props, REPEATABLE_REQUESTS, [{ matches: repeatable, ...whole }])]
      : []),
  ];
}

/** The balancer outlasts a stream by as much as it outlasts another request. */
function streamSeconds({ balancer, gateway }: IngressValues): number {
  return toSeconds(gateway.streamTimeout) + Math.ceil(margin(balancer.requestTimeout, gateway.requestTimeout));
}

function margin(outer: Duration, inner: Duration): number {
  return toSeconds(outer) - toSeconds(inner);
}

type Rule = { readonly matches: readonly object[]; readonly timeouts: object | undefined };

function route(values: IngressValues, { parent, annotations }: RouteProps, name: string, rules: readonly Rule[]) {
  const { gateway, ingress } = values;
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    name,
    ...(Object.keys(annotations).length > 0 && { annotations }),
    spec: {
      hostnames: [ingress.host],
      parentRefs: [
        {
          name: parent.name,
          namespace: parent.namespace,
          ...(parent.listener !== undefined && { sectionName: parent.listener }),
        },
      ],
      rules: rules.map(({ matches, timeouts: limits }) => ({
        matches,
        backendRefs: [{ name: 'gateway', port: gateway.port }],
        ...(limits && { timeouts: limits }),
      })),
    },
  };
}

/** `request` holds every attempt and `backendRequest` one: the gateway's own ladder bounds what one may take. */
function timeouts(total: boolean, seconds: number): object | undefined {
  return total ? { request: `${seconds}s`, backendRequest: `${seconds}s` } : undefined;
}

function match({ method, path }: IngressValues['routes'][string]): object {
  const constant = path.indexOf('/{');
  const value = constant < 0 ? path : path.slice(0, constant) || '/';
  return { method, path: { type: constant < 0 ? 'Exact' : 'PathPrefix', value } };
}
