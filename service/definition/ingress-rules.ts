import { BALANCER_CLASSES, findBalancerClass } from './balancer-classes.ts';
import type { Finding } from './findings.ts';
import type { ServiceValues } from './schema.ts';
import { toMilliseconds, type Duration } from './units.ts';

type Rule = (service: ServiceValues) => readonly (Finding | false | undefined)[];

/** What an ALB asks to learn whether a pod serves: the ops port is not for balancers. */
export const HEALTH_ROUTE = 'health';

const RULES: readonly Rule[] = [
  function balancerIsNamed({ ingress }) {
    return [
      ingress.class === undefined && wrong('class', undefined, known()),
      ingress.host === undefined && wrong('host', undefined, "a host name, such as 'api.acme.com'"),
    ];
  },
  function classFits({ ingress }) {
    const { class: name, kind, values } = ingress;
    const row = findBalancerClass(name);
    if (name === undefined) return [];
    if (!row && !values) {
      const right = `what '${name}' does (counts, idleTimeout, retry), for it is none of those known: ${known()}`;
      return [wrong('values', undefined, right)];
    }
    return [
      row !== undefined && row.kind !== kind && wrong('kind', kind, `'${row.kind}', which is what '${name}' reads`),
      row !== undefined && values !== undefined && wrong('values', values, `absent: what '${name}' does is known`),
    ];
  },
  function statedIdleTimeoutIsTheBalancers({ ingress: { values }, balancer }) {
    if (!values || toMilliseconds(values.idleTimeout) === toMilliseconds(balancer.idleTimeout)) return [];
    return [wrong('values.idleTimeout', values.idleTimeout, `balancer.idleTimeout, ${balancer.idleTimeout}`)];
  },
  function certificateHasOnePlace({ ingress: { class: name, kind, parent, tls } }) {
    if (name === 'alb') {
      return [tls !== undefined && wrong('tls', tls, 'absent: an ALB finds the certificate of its host in ACM')];
    }
    if (parent !== undefined && kind === 'gateway') {
      return [tls !== undefined && wrong('tls', tls, 'absent: the certificate is that of the parent Gateway')];
    }
    if (!tls) return [wrong('tls', undefined, `an issuer or a secret${kind === 'gateway' ? ', or a parent' : ''}`)];
    const given = [tls.issuer, tls.secret].filter((each) => each !== undefined).length;
    return [given !== 1 && wrong('tls', tls, 'an issuer of cert-manager or a secret, one of them')];
  },
  function fieldsBelongToTheirKind({ ingress: { class: name, kind, parent, scheme } }) {
    return [
      parent !== undefined &&
        kind === 'ingress' &&
        wrong('parent', parent, "absent: an Ingress has none; kind 'gateway' has"),
      scheme !== undefined && name !== 'alb' && wrong('scheme', scheme, "absent: only an 'alb' has one"),
    ];
  },
  function clientsAreToldApart({ gateway: { trustedProxies } }) {
    return [
      trustedProxies.length === 0 && {
        path: 'gateway.trustedProxies',
        value: trustedProxies,
        right: 'the addresses of the balancer: else all clients are one address to the limits',
      },
    ];
  },
  function timeoutsAreWholeSeconds({ balancer, gateway }) {
    const times: [string, Duration][] = [
      ['balancer.requestTimeout', balancer.requestTimeout],
      ['balancer.idleTimeout', balancer.idleTimeout],
      ['gateway.streamTimeout', gateway.streamTimeout],
    ];
    return times
      .filter(([, time]) => toMilliseconds(time) % 1000 !== 0)
      .map(([path, value]) => ({ path, value, right: 'whole seconds, which is what balancers count in' }));
  },
  function oneTimeoutIsWrittenOnce({ ingress, balancer }) {
    const { requestTimeout, idleTimeout } = balancer;
    if (findBalancerClass(ingress.class)?.oneTimeout !== true) return [];
    if (toMilliseconds(requestTimeout) === toMilliseconds(idleTimeout)) return [];
    const right = `balancer.requestTimeout, ${requestTimeout}: '${ingress.class}' has one timeout for both`;
    return [{ path: 'balancer.idleTimeout', value: idleTimeout, right }];
  },
  function healthIsARoute({ ingress, routes }) {
    if (findBalancerClass(ingress.class)?.ejection !== 'health checks') return [];
    const { method, auth, path } = routes[HEALTH_ROUTE] ?? {};
    if (method === 'GET' && auth === 'optional' && path?.includes('{') === false) return [];
    const right = `a GET without key or parameter, which '${ingress.class}' asks`;
    return [{ path: `routes.${HEALTH_ROUTE}`, value: routes[HEALTH_ROUTE] && `${method} ${path}`, right }];
  },
];

/** Findings of the rules about the balancer; none where the environment has no ingress. */
export function ingressFindings(service: ServiceValues): Finding[] {
  if (service.ingress.kind === 'none') return [];
  return RULES.flatMap((rule) => rule(service)).filter((finding) => finding !== false && finding !== undefined);
}

function wrong(field: string, value: unknown, right: string): Finding {
  return { path: `ingress.${field}`, value, right };
}

function known(): string {
  return Object.keys(BALANCER_CLASSES)
    .map((name) => `'${name}'`)
    .join(', ');
}
