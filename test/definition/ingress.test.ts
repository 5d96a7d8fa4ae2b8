import { describe, expect, test } from '@jest/globals';
import { balancerOf, definition, DefinitionError } from '../../service/definition/index.ts';
import { ALB_TIMES, ingressed, INGRESS, type Others } from './ingressed.ts';

const { nginx, alb, envoy, haproxy } = INGRESS;

function findingsOf(ingress: object, others?: Others) {
  try {
    ingressed(ingress, others);
  } catch (error) {
    if (error instanceof DefinitionError) return error.findings;
    throw error;
  }
  return [];
}

type Refusal = readonly [what: string, path: string, right: string, ingress: object, others?: Others];

const REFUSALS: readonly Refusal[] = [
  ['no class', 'ingress.class', "'nginx', 'envoy', 'alb'", { ...nginx, class: undefined }],
  ['no host', 'ingress.host', 'a host name', { ...nginx, host: undefined }],
  ['a host with a port', 'ingress.host', 'a host name without port', { ...nginx, host: 'api.acme.com:443' }],
  ['an unknown class without its values', 'ingress.values', 'counts', { ...haproxy, values: undefined }],
  ['values of a known class', 'ingress.values', 'absent', { ...nginx, values: haproxy.values }],
  ['a class that reads the other kind', 'ingress.kind', "'ingress'", { ...nginx, kind: 'gateway' }],
  ['no certificate', 'ingress.tls', 'an issuer or a secret', { ...nginx, tls: undefined }],
  ['two certificates', 'ingress.tls', 'one of them', { ...nginx, tls: { issuer: 'a', secret: 'b' } }],
  ['a certificate beside a parent', 'ingress.tls', 'parent', { ...envoy, parent: { name: 'a', namespace: 'b' } }],
  ['a certificate of an ALB', 'ingress.tls', 'ACM', { ...alb, tls: { secret: 'a' } }, { balancer: ALB_TIMES }],
  ['a parent of an Ingress', 'ingress.parent', 'absent', { ...nginx, parent: { name: 'a', namespace: 'b' } }],
  ['the scheme of another class', 'ingress.scheme', 'absent', { ...nginx, scheme: 'internal' }],
  ['a stated idle time that is not the ladder’s', 'ingress.values.idleTimeout', '45s', haproxy, balancer('65s', '45s')],
  ['two times of an ALB', 'balancer.idleTimeout', 'one timeout', alb],
  ['parts of a second', 'balancer.requestTimeout', 'whole seconds', nginx, balancer('64500ms', '60s')],
  ['a balancer that is not believed', 'gateway.trustedProxies', 'the balancer', nginx, { trustedProxies: [] }],
  ['an ALB without a route to ask', 'routes.health', 'a GET', alb, { balancer: ALB_TIMES, routes: withoutHealth() }],
];

describe('an ingress', () => {
  test.each(Object.entries(INGRESS))('of %s is admitted', (name, ingress) => {
    expect(findingsOf(ingress, name === 'alb' ? { balancer: ALB_TIMES } : {})).toEqual([]);
  });

  test('of a platform that has the certificate hangs on its Gateway', () => {
    expect(findingsOf({ ...envoy, tls: undefined, parent: { name: 'public', namespace: 'platform' } })).toEqual([]);
  });

  test('asks nothing of an environment that has none', () => {
    expect(findingsOf({ kind: 'none', class: 'haproxy' }, { trustedProxies: [] })).toEqual([]);
    expect(balancerOf(definition.dev.ingress)).toBeUndefined();
  });

  test.each(REFUSALS.map((row) => [row[0], row] as const))('is refused with %s', (_what, row) => {
    const [, path, right, ingress, others] = row;
    const findings = findingsOf(ingress, others);

    expect(findings.map((finding) => finding.path)).toEqual([path]);
    expect(findings[0]?.right).toContain(right);
  });

  test('tells everything that is wrong at once', () => {
    const findings = findingsOf({ kind: 'ingress', class: 'haproxy' }, { trustedProxies: [] });

    expect(findings.map(({ path }) => path)).toEqual([
      'ingress.host',
      'ingress.values',
      'ingress.tls',
      'gateway.trustedProxies',
    ]);
  });
});

function balancer(requestTimeout: string, idleTimeout: string): Others {
  return { balancer: { requestTimeout, idleTimeout } };
}

function withoutHealth(): object {
  const { health: _health, ...routes } = definition.dev.routes;
  return routes;
}
