import { describe, expect, test } from '@jest/globals';
import { findDrift, type ManagedFields } from '../../infra/cluster/index.ts';
import type { KubernetesObject } from '../../infra/synth/index.ts';
import { APPLIER, cluster, DEPLOYMENT, FIELDS, live, withContainer } from './live.ts';

const AT = '2026-02-02T10:00:00Z';
const WEB = { kind: 'Deployment', name: 'web' };
const NONE = { drifted: [], pending: [] };

test('what runs as it was applied has not drifted, whatever the server filled in', () => {
  const running = withContainer({ terminationMessagePath: '/dev/termination-log' });
  expect(findDrift([DEPLOYMENT], cluster(live(running)))).toEqual(NONE);
});

test('a changed field is named with who changed it and when, not with who wrote the object last', () => {
  const running = live(
    withContainer({ image: 'web:2' }),
    by('ada', AT, FIELDS.image),
    by('kubelet', '2026-03-03T00:00:00Z', { 'f:status': {} }),
  );
  expect(findDrift([DEPLOYMENT], cluster(running)).drifted).toEqual([
    {
      ...WEB,
      path: 'spec.template.spec.containers[web].image',
      wanted: 'web:1',
      found: 'web:2',
      manager: { name: 'ada', time: AT },
    },
  ]);
});

test('of several who set a field, the last one is named', () => {
  const running = live(
    withContainer({ image: 'web:2' }),
    by('bob', '2026-02-01T00:00:00Z', FIELDS.image),
    by('ada', AT, FIELDS.image),
  );
  expect(findDrift([DEPLOYMENT], cluster(running)).drifted[0]?.manager?.name).toBe('ada');
});

test('a removed field belongs to nobody: whoever wrote the object last is named', () => {
  const running = live(withContainer({ env: undefined }), by('ada', AT, FIELDS.labels), {
    ...by('status-writer', '2026-03-03T00:00:00Z', {}),
    subresource: 'status',
  });
  expect(findDrift([DEPLOYMENT], cluster(running)).drifted).toEqual([
    {
      ...WEB,
      path: 'spec.template.spec.containers[web].env',
      wanted: [{ name: 'LEVEL', value: 'info' }],
      manager: { name: 'ada', time: AT },
    },
  ]);
});

describe('what somebody added', () => {
  test('to a list, or where nothing was set, is drift', () => {
    const ports = [{ containerPort: 9, protocol: 'TCP' }];
    const env = [
      { name: 'LEVEL', value: 'info' },
      { name: 'EXTRA', value: '1' },
    ];
    const extra = { 'k:{"name":"EXTRA"}': { '.': {}, 'f:name': {}, 'f:value': {} } };
    const fields = {
      'f:env': extra,
      'f:ports': { 'k:{"containerPort":9,"protocol":"TCP"}': { 'f:containerPort': {} } },
    };
    const owned = {
      'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"web"}': { '.': {}, ...fields } } } } },
    };
    const found = findDrift([DEPLOYMENT], cluster(live(withContainer({ env, ports }), by('ada', AT, owned))));
    const manager = { name: 'ada', time: AT };
    expect(found.drifted).toEqual([
      { ...WEB, path: 'spec.template.spec.containers[web].env[EXTRA]', found: env[1], manager },
      { ...WEB, path: 'spec.template.spec.containers[web].ports', found: ports, manager },
    ]);
  });

  test.each(['kube-controller-manager', 'cert-manager-controller', 'prometheus-operator'])(
    'is no drift when it was %s',
    (manager) => {
      const running = { ...DEPLOYMENT, metadata: { ...DEPLOYMENT.metadata, annotations: { revision: '1' } } };
      const fields = { 'f:metadata': { 'f:annotations': { '.': {}, 'f:revision': {} } } };
      expect(findDrift([DEPLOYMENT], cluster(live(running, by(manager, AT, fields))))).toEqual(NONE);
      expect(findDrift([DEPLOYMENT], cluster(live(running, by('ada', AT, fields)))).drifted).toHaveLength(1);
    },
  );
});

test('what a program writes into an object that is applied empty is no drift', () => {
  const empty = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'sluice-guard', namespace: 'shop' } };
  const written = { 'f:data': { '.': {}, 'f:state': {} } };
  const filled = (object: KubernetesObject) =>
    cluster({ ...live(object, by('ada', AT, written)), data: { ...(object.data as object), state: '{}' } });
  expect(findDrift([empty], filled(empty))).toEqual(NONE);
  const settings = { ...empty, data: { level: 'info' } };
  expect(findDrift([settings], filled(settings)).drifted.map(({ path }) => path)).toEqual(['data.state']);
});

test('a field that still belongs to who applied it waits for the next deploy', () => {
  const newer = withContainer({ image: 'web:2' });
  const { drifted, pending } = findDrift([newer], cluster(live(DEPLOYMENT)));
  expect(drifted).toEqual([]);
  expect(pending).toMatchObject([{ wanted: 'web:2', found: 'web:1', manager: { name: APPLIER } }]);
});

test("the number of pods is the autoscaler's where there is one, and drift where there is none", () => {
  const running = live(
    { ...DEPLOYMENT, spec: { ...(DEPLOYMENT.spec as object), replicas: 5 } },
    { ...by('ada', AT, FIELDS.replicas), subresource: 'scale' },
  );
  const scaler: KubernetesObject = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
  };
  expect(findDrift([DEPLOYMENT, scaler], cluster(running, live(scaler)))).toEqual(NONE);
  expect(findDrift([DEPLOYMENT], cluster(running)).drifted).toMatchObject([{ path: 'spec.replicas', found: 5 }]);
});

test('a Job that is over may go, and one of the next release is not there yet: neither is drift', () => {
  const job: KubernetesObject = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'migration-0123456789', namespace: 'shop' },
  };
  const missing = { kind: 'Job', name: 'migration-0123456789' };
  expect(findDrift([job, DEPLOYMENT], cluster(live(DEPLOYMENT)))).toEqual({ drifted: [], pending: [missing] });
});

test('a missing object is drift; configuration under a new name is, once something that runs refers to it', () => {
  const configuration: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'web-config-0123456789', namespace: 'shop' },
    immutable: true,
  };
  const missing = { kind: 'ConfigMap', name: 'web-config-0123456789' };
  expect(findDrift([DEPLOYMENT], cluster())).toEqual({ drifted: [WEB], pending: [] });
  expect(findDrift([configuration, DEPLOYMENT], cluster(live(DEPLOYMENT)))).toEqual({
    drifted: [],
    pending: [missing],
  });
  const mounting = withContainer({ volume: 'web-config-0123456789' });
  expect(findDrift([configuration, mounting], cluster(live(mounting)))).toEqual({ drifted: [missing], pending: [] });
});

function by(manager: string, time: string, fieldsV1: Readonly<Record<string, unknown>>): ManagedFields {
  return { manager, operation: 'Update', time, fieldsV1 };
}
