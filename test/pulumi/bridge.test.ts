import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { output, runtime, secret } from '@pulumi/pulumi';
import { registerObjects, secretInputs } from '../../infra/pulumi/index.ts';
import { secretObjects } from '../../infra/synth/index.ts';
import { definition } from '../../service/definition/index.ts';
import { eventually } from '../support/eventually.ts';
import { PASSWORDS } from '../support/passwords.ts';
import { EVERY_KIND, autoscaler, namespace, object } from './objects.ts';
import { decodeInputs } from './wire.ts';

type Registered = { readonly type: string; readonly name: string; readonly inputs: Record<string, unknown> };

const registered: Registered[] = [];
const held = new Set<string>();
let release: () => void;
let released: Promise<void>;

const identify = (type: string, name: string) => `${type.split(':').at(-1) ?? ''} ${name}`;
const arrived = () => registered.map(({ type, name }) => identify(type, name));

beforeAll(async () => {
  await runtime.setMocks({
    async newResource({ type, name, inputs }) {
      registered.push({ type, name, inputs: inputs as Record<string, unknown> });
      if (held.has(identify(type, name))) await released;
      return { id: name, state: inputs as Record<string, unknown> };
    },
    call: ({ inputs }) => inputs as Record<string, unknown>,
  });
});

beforeEach(() => {
  registered.length = 0;
  held.clear();
  released = new Promise((resolve) => (release = resolve));
});

afterEach(() => release());

describe('registration', () => {
  test('has each object once, unchanged, by its type and under the name namespace/name', async () => {
    registerObjects(
      EVERY_KIND.map(([each]) => each),
      '600s',
    );
    await eventually(() => expect(registered).toHaveLength(EVERY_KIND.length));
    const wanted = EVERY_KIND.map(([each, type]) => ({
      type,
      name: each.metadata.namespace === undefined ? each.metadata.name : `orders/${each.metadata.name}`,
      inputs: each,
    }));
    const plain = registered.map((each) => ({ ...each, inputs: decodeInputs(each.inputs).values }));
    expect(sorted(plain)).toEqual(sorted(wanted));
  });

  test('refuses an object that is there twice, before anything is registered', async () => {
    const twice = [namespace, object('v1', 'ConfigMap', 'settings'), object('v1', 'ConfigMap', 'settings')];
    expect(() => registerObjects(twice, '600s')).toThrow('ConfigMap orders/settings is there twice');
    await settled();
    expect(registered).toEqual([]);
  });

  test.each([
    ['v1', 'Pod'],
    ['apps/v1', 'DaemonSet'],
    ['networking.k8s.io/v1', 'IngressClass'],
    ['autoscaling/v1', 'HorizontalPodAutoscaler'],
  ])(
    'refuses %s %s, which Kubernetes knows and the bridge does not, before anything is registered',
    async (api, kind) => {
      expect(() => registerObjects([namespace, object(api, kind, 'stray')], '600s')).toThrow(
        `${kind} 'stray' of ${api} has no class`,
      );
      await settled();
      expect(registered).toEqual([]);
    },
  );
});

describe('order', () => {
  const all = [
    object('apps/v1', 'Deployment', 'gateway', { spec: {} }),
    object('v1', 'Service', 'gateway'),
    autoscaler('gateway'),
    object('v1', 'ConfigMap', 'needed'),
    object('v1', 'Secret', 'needed'),
    object('v1', 'ServiceAccount', 'needed'),
    object('networking.k8s.io/v1', 'NetworkPolicy', 'needed'),
    namespace,
  ];

  test('puts the namespace before everything in it', async () => {
    held.add('Namespace orders');
    registerObjects(all, '600s');
    await eventually(() => expect(arrived()).toEqual(['Namespace orders']));
    await settled();
    expect(arrived()).toEqual(['Namespace orders']);
    release();
    await eventually(() => expect(registered).toHaveLength(all.length));
  });

  test.each(['ConfigMap', 'Secret', 'ServiceAccount', 'NetworkPolicy'])(
    'puts a %s before pods, and keeps nothing else waiting',
    async (kind) => {
      held.add(`${kind} orders/needed`);
      registerObjects(all, '600s');
      await eventually(() => expect(registered).toHaveLength(all.length - 1));
      await settled();
      expect(arrived()).not.toContain('Deployment orders/gateway');
      release();
      await eventually(() => expect(arrived()).toContain('Deployment orders/gateway'));
    },
  );
});

describe('a Job', () => {
  const wave = (number: number) => ({ annotations: { 'argocd.argoproj.io/sync-wave': String(number) } });
  const at = (number: number, apiVersion: string, kind: string, name: string) => {
    const plain = object(apiVersion, kind, name, { spec: {} });
    return { ...plain, metadata: { ...plain.metadata, ...wave(number) } };
  };
  const all = [
    namespace,
    at(2, 'apps/v1', 'Deployment', 'gateway'),
    object('apps/v1', 'StatefulSet', 'postgres', { spec: {} }),
    at(1, 'batch/v1', 'Job', 'migration-1'),
    object('v1', 'Secret', 'needed'),
  ];

  test('is done before what comes in a later wave, and keeps nothing else waiting', async () => {
    held.add('Job orders/migration-1');
    registerObjects(all, '600s');
    await eventually(() => expect(arrived()).toContain('StatefulSet orders/postgres'));
    await settled();
    expect(arrived()).not.toContain('Deployment orders/gateway');
    release();
    await eventually(() => expect(registered).toHaveLength(all.length));
  });

  test('waits for what its pods need', async () => {
    held.add('Secret orders/needed');
    registerObjects(all, '600s');
    await eventually(() => expect(arrived()).toContain('Secret orders/needed'));
    await settled();
    expect(arrived()).not.toContain('Job orders/migration-1');
    release();
    await eventually(() => expect(registered).toHaveLength(all.length));
  });
});

describe('secrets', () => {
  const { guardToken, probeKey } = PASSWORDS;
  const given = (redis: string, postgres: string) => ({
    values: output({
      redisPassword: secret(redis),
      postgresPassword: secret(postgres),
      guardToken: secret(guardToken),
      probeKey: secret(probeKey),
    }),
    placeholders: { redisPassword: 'x', postgresPassword: 'x', guardToken: 'x'.repeat(32), probeKey: 'x'.repeat(32) },
  });

  test('are the Secret objects of the manifests, with every value marked as secret', async () => {
    const plain = secretObjects(definition.prod, { ...PASSWORDS, redisPassword: 'red', postgresPassword: 'post' });
    registerObjects(await secretInputs(definition.prod, given('red', 'post')), '600s');
    await eventually(() => expect(registered).toHaveLength(plain.length));
    const decoded = registered.map(({ inputs }) => decodeInputs(inputs));
    const byName = (objects: readonly unknown[]) => new Map(objects.map((each) => [nameOf(each), each]));
    expect(byName(decoded.map(({ values }) => values))).toEqual(byName(plain));
    expect(byName(plain).get('postgres')).toMatchObject({ stringData: { password: 'post' } });
    expect(byName(plain).get('guard')).toMatchObject({ stringData: { token: guardToken, 'probe-key': probeKey } });
    for (const { secretPaths } of decoded) expect(secretPaths).toEqual(['stringData']);
  });

  test('with a character that an address would need escaped are refused, without telling them', async () => {
    const attempt = secretInputs(definition.prod, given('fine', 'p@ss'));
    await expect(attempt).rejects.toThrow('postgresPassword must have letters, digits');
    await expect(attempt).rejects.not.toThrow('p@ss');
  });
});

function nameOf(object: unknown): string {
  return (object as { readonly metadata: { readonly name: string } }).metadata.name;
}

/** Lets everything that could still be registered arrive: Pulumi's own work takes a few turns of the event loop. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function sorted<T extends { readonly type: string; readonly name: string }>(items: readonly T[]): readonly T[] {
  return [...items].sort((a, b) => (`${a.type} ${a.name}` < `${b.type} ${b.name}` ? -1 : 1));
}
