import { describe, expect, test } from '@jest/globals';
import { IngressLayer } from '../../../infra/charts/index.ts';
import { toMilliseconds } from '../../../service/definition/index.ts';
import { ALB_TIMES, ingressed, INGRESS, type Others } from '../../definition/ingressed.ts';
import { field, render, requireObject } from '../render.ts';

function ingress(settings: object, others?: Others) {
  const service = ingressed(settings, others);
  return render((app) => new IngressLayer(app, service));
}

const WAVE = 'argocd.argoproj.io/sync-wave';
/** What the balancer reads. */
const annotations = (settings: object, others?: Others) => {
  const { [WAVE]: wave, ...read } = requireObject(ingress(settings, others), 'Ingress').metadata.annotations ?? {};
  expect(wave).toBe('2');
  return read;
};

const TIMES = { balancer: { requestTimeout: '90s', idleTimeout: '61s' } };

describe('an Ingress', () => {
  test('sends every path of the host to the gateway, with a certificate of its own', () => {
    const object = requireObject(ingress(INGRESS.nginx), 'Ingress');

    expect(object.metadata.annotations).toMatchObject({ 'cert-manager.io/cluster-issuer': 'letsencrypt' });
    expect(object.spec).toEqual({
      ingressClassName: 'nginx',
      rules: [
        {
          host: 'api.acme.com',
          http: {
            paths: [
              { path: '/', pathType: 'Prefix', backend: { service: { name: 'gateway', port: { number: 8080 } } } },
            ],
          },
        },
      ],
      tls: [{ hosts: ['api.acme.com'], secretName: 'gateway-tls' }],
    });
  });

  test('takes a certificate that is there, and asks nobody for one', () => {
    const object = requireObject(ingress({ ...INGRESS.nginx, tls: { secret: 'api-certificate' } }), 'Ingress');

    expect(field(object, 'spec.tls.0.secretName')).toBe('api-certificate');
    expect(object.metadata.annotations).not.toHaveProperty(['cert-manager.io/cluster-issuer']);
  });

  test('may have a class of another name on the cluster', () => {
    const object = requireObject(ingress({ ...INGRESS.nginx, className: 'nginx-public' }), 'Ingress');

    expect(field(object, 'spec.ingressClassName')).toBe('nginx-public');
  });

  test('of nginx has the timeouts that the ladders were checked with', () => {
    expect(annotations(INGRESS.nginx, TIMES)).toMatchObject({
      'nginx.ingress.kubernetes.io/proxy-read-timeout': '90',
      'nginx.ingress.kubernetes.io/proxy-send-timeout': '90',
      'nginx.ingress.kubernetes.io/proxy-connect-timeout': '5',
      'nginx.ingress.kubernetes.io/proxy-body-size': `${2 ** 20}`,
      'nginx.ingress.kubernetes.io/proxy-buffering': 'off',
    });
  });

  test('of nginx repeats once, soon, and never what was sent and is not safe to repeat', () => {
    expect(annotations(INGRESS.nginx)).toMatchObject({
      'nginx.ingress.kubernetes.io/proxy-next-upstream': 'error timeout http_502 http_503',
      'nginx.ingress.kubernetes.io/proxy-next-upstream-tries': '2',
      'nginx.ingress.kubernetes.io/proxy-next-upstream-timeout': '10',
    });
  });

  test('of an ALB has its one timeout, lets pods finish, and asks the gateway for its health', () => {
    expect(annotations(INGRESS.alb, { balancer: ALB_TIMES })).toEqual({
      'alb.ingress.kubernetes.io/scheme': 'internet-facing',
      'alb.ingress.kubernetes.io/listen-ports': '[{"HTTPS":443}]',
      'alb.ingress.kubernetes.io/target-type': 'ip',
      'alb.ingress.kubernetes.io/load-balancer-attributes': 'idle_timeout.timeout_seconds=62',
      'alb.ingress.kubernetes.io/target-group-attributes': 'deregistration_delay.timeout_seconds=140',
      'alb.ingress.kubernetes.io/healthcheck-path': '/health',
      'alb.ingress.kubernetes.io/healthcheck-interval-seconds': '5',
      'alb.ingress.kubernetes.io/healthcheck-timeout-seconds': '4',
      'alb.ingress.kubernetes.io/unhealthy-threshold-count': '2',
      'alb.ingress.kubernetes.io/success-codes': '200',
    });
  });

  test('of an ALB is internal unless it is said to face the internet', () => {
    const { scheme: _scheme, ...quiet } = INGRESS.alb;

    expect(annotations(quiet, { balancer: ALB_TIMES })).toMatchObject({
      'alb.ingress.kubernetes.io/scheme': 'internal',
    });
  });

  test('of a class that is not known has the annotations that were stated', () => {
    const retry = { 'haproxy.org/backend-config-snippet': 'retry-on conn-failure' };

    expect(annotations({ ...INGRESS.haproxy, values: { ...INGRESS.haproxy.values, retry } })).toEqual(retry);
    expect(annotations(INGRESS.haproxy)).toEqual({});
  });
});

describe('routes of the Gateway API', () => {
  const objects = ingress(INGRESS.envoy, TIMES);
  const rules = (name: string) => field(requireObject(objects, 'HTTPRoute', name), 'spec.rules') as Rule[];

  test('hang on a Gateway with a certificate for their host', () => {
    const gateway = requireObject(objects, 'Gateway');

    expect(gateway.metadata.annotations).toEqual({ 'cert-manager.io/cluster-issuer': 'letsencrypt' });
    expect(gateway.spec).toMatchObject({
      gatewayClassName: 'envoy',
      listeners: [{ hostname: 'api.acme.com', tls: { certificateRefs: [{ name: 'gateway-tls' }] } }],
    });
    expect(field(requireObject(objects, 'HTTPRoute', 'gateway'), 'spec')).toMatchObject({
      hostnames: ['api.acme.com'],
      parentRefs: [{ name: 'gateway', namespace: 'sluice-dev' }],
    });
  });

  test('hang on the Gateway of the platform where there is one, and make none', () => {
    const parent = { name: 'public', namespace: 'platform', listener: 'https' };
    const others = ingress({ ...INGRESS.envoy, tls: undefined, parent });

    expect(others.map(({ kind }) => kind)).not.toContain('Gateway');
    expect(field(requireObject(others, 'HTTPRoute', 'gateway'), 'spec.parentRefs')).toEqual([
      { name: 'public', namespace: 'platform', sectionName: 'https' },
    ]);
  });

  test('give streams a time of their own, for Envoy counts to the last byte', () => {
    const [streams, rest] = rules('gateway');

    expect(streams?.matches).toEqual([
      { method: 'POST', path: { type: 'Exact', value: '/v1/chat/completions' } },
      { method: 'POST', path: { type: 'Exact', value: '/v1/responses' } },
    ]);
    // 120 s of the longest stream, and what the balancer outlasts other requests by.
    expect(streams?.timeouts).toEqual({ request: '150s', backendRequest: '150s' });
    expect(rest?.matches).toEqual([{ path: { type: 'PathPrefix', value: '/' } }]);
    expect(rest?.timeouts).toEqual({ request: '90s', backendRequest: '90s' });
  });

  test('outlast the longest stream also where a path has a parameter', () => {
    const { routes } = ingressed(INGRESS.envoy);
    const chat = { ...routes.chat, path: '/v1/{model}/chat' };
    const service = ingressed(INGRESS.envoy, { routes: { ...routes, chat } });

    const [streams] = field(
      requireObject(
        render((app) => new IngressLayer(app, service)),
        'HTTPRoute',
        'gateway',
      ),
      'spec.rules',
    ) as Rule[];

    expect(streams?.matches).toContainEqual({ method: 'POST', path: { type: 'PathPrefix', value: '/v1' } });
    expect(Number.parseInt(streams?.timeouts?.request ?? '', 10) * 1000).toBeGreaterThan(
      toMilliseconds(service.gateway.streamTimeout),
    );
  });

  test('have no timeout where the balancer counts silence: the field means the whole time', () => {
    const values = { counts: 'idle', idleTimeout: '60s', retry: 'none' };
    const others = ingress({ ...INGRESS.envoy, class: 'kong', values });

    expect(others.map(({ kind }) => kind)).toEqual(['Gateway', 'HTTPRoute']);
    expect(JSON.stringify(others)).not.toContain('timeouts');
  });

  test('keep requests that may be repeated apart from those that may not', () => {
    const methods = rules('gateway-repeatable')[0]?.matches.map(({ method }) => method);

    expect(methods).toEqual(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);
  });

  test('repeat an answer of 502 or 503 for those alone, everything for which nothing was sent, and each once', () => {
    const retry = (name: string) => field(requireObject(objects, 'BackendTrafficPolicy', name), 'spec.retry');
    const neverSent = ['connect-failure', 'refused-stream', 'reset-before-request'];

    expect(retry('gateway')).toEqual({ numRetries: 1, retryOn: { triggers: neverSent } });
    expect(retry('gateway-repeatable')).toEqual({
      numRetries: 1,
      retryOn: { triggers: [...neverSent, 'reset', 'retriable-status-codes'], httpStatusCodes: [502, 503] },
    });
  });

  test('close idle connections before the gateway does, and hold as many requests as all pods admit', () => {
    const spec = requireObject(objects, 'BackendTrafficPolicy', 'gateway').spec;

    expect(spec).toMatchObject({
      targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'gateway' }],
      timeout: { tcp: { connectTimeout: '5s' }, http: { connectionIdleTimeout: '61s' } },
      // 6 pods, 3 more while a release is taken back, one that drains, one to compare with; 200 requests and 200 streams each.
      circuitBreaker: { maxConnections: 4400, maxParallelRequests: 4400, maxPendingRequests: 4400 },
    });
  });

  test('eject one bad pod, and never so many that a failed dependency takes all out', () => {
    const passive = field(requireObject(objects, 'BackendTrafficPolicy', 'gateway'), 'spec.healthCheck.passive');

    expect(passive).toMatchObject({ consecutiveLocalOriginFailures: 3, maxEjectionPercent: 50 });
  });
});

type Rule = {
  readonly matches: readonly { readonly method?: string; readonly path: object }[];
  readonly timeouts?: { readonly request: string };
};
