import { definition, parseService, type Service } from '../../service/definition/index.ts';

/** What a balancer of each kind is reached by, as a team would write it. */
export const INGRESS = {
  nginx: { kind: 'ingress', class: 'nginx', host: 'api.acme.com', tls: { issuer: 'letsencrypt' } },
  alb: { kind: 'ingress', class: 'alb', host: 'api.acme.com', scheme: 'internet-facing' },
  envoy: { kind: 'gateway', class: 'envoy', host: 'api.acme.com', tls: { issuer: 'letsencrypt' } },
  haproxy: {
    kind: 'ingress',
    class: 'haproxy',
    host: 'api.acme.com',
    tls: { secret: 'api-certificate' },
    values: { counts: 'idle', idleTimeout: '60s', retry: 'none' },
  },
} as const;

/** The one timeout of an ALB, between that of the gateway's requests and that of its idle connections. */
export const ALB_TIMES = { requestTimeout: '62s', idleTimeout: '62s' } as const;

/** Values of the dev environment that a test may give beside the ingress. */
export type Others = {
  readonly balancer?: object;
  readonly routes?: object;
  readonly trustedProxies?: readonly string[];
};

/** The dev environment behind a balancer. Throws a DefinitionError when it is not admitted. */
export function ingressed(ingress: object, others: Others = {}): Service {
  const { trustedProxies = ['10.0.0.0/8'], ...rest } = others;
  const { gateway } = definition.dev;
  return parseService({ ...definition.dev, ingress, ...rest, gateway: { ...gateway, trustedProxies } });
}
