import { afterEach, describe, expect, test } from '@jest/globals';
import { readLiveObjects } from '../../infra/cluster/index.ts';
import type { KubernetesObject } from '../../infra/synth/index.ts';
import { serveApi, type ApiAnswer as Answer, type ApiServer } from '../support/api-server.ts';

const CORE = {
  resources: [
    { name: 'configmaps', kind: 'ConfigMap', namespaced: true },
    { name: 'namespaces', kind: 'Namespace', namespaced: false },
    { name: 'namespaces/status', kind: 'Namespace', namespaced: false },
  ],
};
const SHOP = object('Namespace', 'shop');
const CONFIGURATION = { ...object('ConfigMap', 'a'), metadata: { name: 'a', namespace: 'shop' } };

let server: ApiServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

test('lists come whole, page by page, each object with its kind', async () => {
  const page = (name: string, next?: string): Answer =>
    ok({ metadata: { continue: next }, items: [{ metadata: { name } }] });
  const { reader, asked } = await serving({
    '/api/v1': ok(CORE),
    '/api/v1/namespaces/shop/configmaps?limit=500': page('a', 'n/1'),
    '/api/v1/namespaces/shop/configmaps?limit=500&continue=n%2F1': page('b'),
  });
  expect(await reader.list(CONFIGURATION, 'shop')).toEqual([
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b' } },
  ]);
  await reader.list(CONFIGURATION, 'shop');
  expect(asked.filter((request) => request === 'GET /api/v1')).toHaveLength(1);
});

test('a kind that the server does not know has no objects', async () => {
  const { reader } = await serving({ '/api/v1': ok(CORE) });
  expect(await reader.list({ apiVersion: 'example.com/v1', kind: 'Rule' }, 'shop')).toBeUndefined();
});

test('objects of the same owner that the environment does not have are surplus, those of others are not', async () => {
  const owned = { 'app.kubernetes.io/managed-by': 'sluice', 'app.kubernetes.io/part-of': 'shop' };
  const item = (name: string, labels: object, extra: object = {}): object => ({
    metadata: { name, namespace: 'shop', labels },
    ...extra,
  });
  const items = [
    item('a', owned),
    item('b', owned),
    item('kube-root-ca.crt', {}),
    item('other', { ...owned, 'app.kubernetes.io/part-of': 'else' }),
    item('old', owned, { immutable: true }),
  ];
  const { reader } = await serving({
    '/api/v1': ok(CORE),
    '/api/v1/namespaces/shop': ok(SHOP),
    '/api/v1/namespaces/shop/configmaps?limit=500': ok({ metadata: {}, items }),
  });
  const ours = { ...CONFIGURATION, metadata: { ...CONFIGURATION.metadata, labels: owned } };
  const live = await readLiveObjects(reader, [SHOP, ours]);
  expect(live.find(ours)?.metadata.name).toBe('a');
  expect(live.surplus.map(({ metadata }) => metadata.name)).toEqual(['b']);
});

describe('a cluster that cannot be read is told in one message', () => {
  test.each<[problem: string, answers: Record<string, Answer>, messages: readonly string[]]>([
    ['no namespace', { '/api/v1': ok(CORE) }, ["no namespace 'shop'", '--set namespace=NAME']],
    [
      'forbidden',
      {
        '/api/v1': ok(CORE),
        '/api/v1/namespaces/shop': { status: 403, body: { message: 'ada cannot get namespaces' } },
      },
      ['forbidden by RBAC to get Namespace', 'ada cannot get namespaces', "ClusterRole 'view'"],
    ],
    ['unauthorized', { '/api/v1': { status: 401, body: {} } }, ["does not know the user 'ada'"]],
    ['failed', { '/api/v1': { status: 500, body: { message: 'etcd is away' } } }, ['500 etcd is away']],
  ])('%s', async (problem, answers, messages) => {
    const { reader } = await serving(answers);
    const failure = await readLiveObjects(reader, [SHOP]).catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ name: 'ClusterError', problem });
    for (const message of messages) expect((failure as Error).message).toContain(message);
  });

  test('an answer that is not JSON', async () => {
    const { reader } = await serving({ '/api/v1': { status: 200, body: undefined } });
    await expect(readLiveObjects(reader, [SHOP])).rejects.toMatchObject({ problem: 'unreachable' });
  });

  test('nobody listens', async () => {
    const { reader, close } = await serving({});
    await close();
    server = undefined;
    await expect(readLiveObjects(reader, [SHOP])).rejects.toMatchObject({
      problem: 'unreachable',
      message: expect.stringContaining('does not answer (connect ECONNREFUSED'),
    });
  });
});

/** An API server that answers some paths, and 404 to any other. */
async function serving(answers: Readonly<Record<string, Answer>>): Promise<ApiServer> {
  server = await serveApi(({ url = '' }) => Promise.resolve(answers[url] ?? { status: 404, body: {} }));
  return server;
}

function ok(body: unknown): Answer {
  return { status: 200, body };
}

function object(kind: string, name: string): KubernetesObject {
  return { apiVersion: 'v1', kind, metadata: { name } };
}
