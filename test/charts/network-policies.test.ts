import { describe, expect, test } from '@jest/globals';
import { flows, NetworkPolicies } from '../../infra/charts/index.ts';
import type { EnvironmentName } from '../../service/definition/index.ts';
import { environment, field, render, requireObject } from './render.ts';

function policies(name: EnvironmentName, ...settings: string[]) {
  const service = environment(name, ...settings);
  return render((app) => new NetworkPolicies(app, service, flows(service)));
}

const port = (number: number) => ({ port: number, protocol: 'TCP' });

describe('the network', () => {
  test('denies everything to every pod', () => {
    expect(field(requireObject(policies('prod'), 'NetworkPolicy', 'default-deny'), 'spec')).toEqual({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
    });
  });

  test('lets every pod resolve names by UDP and TCP', () => {
    const spec = field(requireObject(policies('prod'), 'NetworkPolicy', 'name-resolution'), 'spec');

    expect(spec).toMatchObject({ podSelector: {}, egress: [{ ports: [{ port: 53, protocol: 'UDP' }, port(53)] }] });
  });

  test('a deployed upstream is reached by the gateway alone', () => {
    const objects = policies('staging', 'upstream.port=8085');

    expect(field(requireObject(objects, 'NetworkPolicy', 'upstream'), 'spec')).toMatchObject({
      policyTypes: ['Ingress'],
      ingress: [
        { from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'gateway' } } }], ports: [port(8085)] },
      ],
    });
  });

  test('an upstream outside is reached at its port, wherever it is', () => {
    const objects = policies('prod', 'upstream.origin=https://search.internal');
    const egress = field(requireObject(objects, 'NetworkPolicy', 'gateway'), 'spec.egress');

    expect(egress).toContainEqual({ ports: [port(443)] });
    expect(objects.map(({ metadata }) => metadata.name)).not.toContain('upstream');
  });

  test('anyone reaches the public port, and the Prometheus of the cluster the ops port', () => {
    const ingress = field(requireObject(policies('prod'), 'NetworkPolicy', 'gateway'), 'spec.ingress');

    expect(ingress).toEqual([
      { ports: [port(8080)] },
      {
        from: [{ namespaceSelector: {}, podSelector: { matchLabels: { 'app.kubernetes.io/name': 'prometheus' } } }],
        ports: [port(9464)],
      },
    ]);
  });

  test('Redis is reached only where it is used', () => {
    const names = policies('prod', 'stores.backend=memory').map(({ metadata }) => metadata.name);

    expect(names).not.toContain('redis');
    expect(names).toContain('postgres');
  });

  test.each([
    ['http://pager.internal/alerts', 80],
    ['https://pager.internal/alerts', 443],
    ['http://pager.internal:9000/alerts', 9000],
  ])('Alertmanager may talk to %s at port %d and to nothing else', (receiver, number) => {
    const objects = policies('dev', `monitoring.receiver=${receiver}`);

    expect(field(requireObject(objects, 'NetworkPolicy', 'alertmanager'), 'spec.egress')).toEqual([
      { ports: [port(number)] },
    ]);
  });
});
