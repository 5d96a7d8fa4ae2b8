import { describe, expect, test } from '@jest/globals';
import { App } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-28';
import { GatewayLayer, PostgresLayer } from '../../../infra/charts/index.ts';
import { Layer } from '../../../infra/charts/objects/layer.ts';
import { patch } from '../../../infra/charts/objects/patches.ts';
import { environment, field, IMAGE, render, requireObject } from '../render.ts';

const POD = 'spec.template.spec';

describe('patches', () => {
  const gateway = render((app) => new GatewayLayer(app, environment('prod', 'scaling.spreadDomains=2'), IMAGE));
  const postgres = render((app) => new PostgresLayer(app, environment()));
  const deployment = requireObject(gateway, 'Deployment');
  const statefulSet = requireObject(postgres, 'StatefulSet');
  const spread = (topologyKey: string) => ({
    labelSelector: {
      matchLabels: { 'app.kubernetes.io/instance': 'gateway', 'app.kubernetes.io/name': 'gateway' },
    },
    matchLabelKeys: ['pod-template-hash'],
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
  });
  const data = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } },
  };

  // One row for each export of patches.ts that makes a patch.
  test.each([
    ['noServiceLinks', deployment, `${POD}.enableServiceLinks`, false],
    ['revisionHistory', deployment, 'spec.revisionHistoryLimit', 10],
    ['ephemeralStorage', deployment, `${POD}.containers.0.resources.requests.ephemeral-storage`, '128Mi'],
    ['ephemeralStorage', deployment, `${POD}.containers.0.resources.limits.ephemeral-storage`, '1024Mi'],
    ['topologySpread', deployment, `${POD}.topologySpreadConstraints.0`, spread('kubernetes.io/hostname')],
    ['topologySpread', deployment, `${POD}.topologySpreadConstraints.1`, spread('topology.kubernetes.io/zone')],
    ['volumeClaim', statefulSet, 'spec.volumeClaimTemplates', [data]],
  ])('%s reaches the output', (_, object, path, value) => {
    expect(field(object, path)).toEqual(value);
  });

  test.each([
    ['noAddressLabel', deployment],
    ['noAddressLabel', statefulSet],
    ['noAddressSelector', requireObject(postgres, 'Service')],
  ])('%s leaves no name of a construct in the output', (_, object) => {
    expect(JSON.stringify(object)).not.toContain('cdk8s.io/');
  });

  test('noVolumeBeside leaves the claimed volume out of the pod, and its mount in', () => {
    const names = (path: string) => (field(statefulSet, path) as { name: string }[]).map(({ name }) => name);

    expect(names(`${POD}.volumes`)).not.toContain('data');
    expect(names(`${POD}.containers.0.volumeMounts`)).toContain('data');
  });

  test.each([
    ['a field that the library does not know', '/spec/template/spec/appArmorProfile', { type: 'RuntimeDefault' }],
    ['a value of another type', '/spec/strategy/rollingUpdate/maxSurge', '1'],
  ])('%s fails synthesis instead of vanishing', (_, path, value) => {
    const app = new App();
    const layer = new Layer(app, 'layer', environment());
    const workload = new Deployment(layer, 'workload', { containers: [{ image: 'image', portNumber: 1 }] });

    patch(workload, [{ missing: 'something', path, value }]);

    expect(() => void layer.toJson()).toThrow(`the patch of ${path} (something) was dropped`);
  });
});
