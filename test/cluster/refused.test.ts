import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { DeployOptions } from '../../infra/cli/deploy/options.ts';
import { deployUp } from '../../infra/cli/deploy/up.ts';
import {
  apiReader,
  loadKubeconfig,
  preflight,
  PRECONDITIONS,
  QUARANTINE,
  requireRelease,
} from '../../infra/cluster/index.ts';
import { synthesize } from '../../infra/synth/index.ts';
import { definition, withValues } from '../../service/definition/index.ts';
import { Deploys } from './deploys.ts';
import { describeOnCluster } from './describe-on-cluster.ts';
import { kubectl } from './kubectl.ts';

const NAMESPACE = `sluice-test-${randomBytes(4).toString('hex')}`;
const STRANGER = `${NAMESPACE}-b`;
const SMALL = `${NAMESPACE}-c`;
const NAMESPACES = [NAMESPACE, STRANGER, SMALL];
const VALUES = [`namespace=${NAMESPACE}`, `image.digest=sha256:${'c'.repeat(64)}`];

describeOnCluster('sluice up is refused, with the reason, before anything is changed, by', () => {
  let deploys: Deploys;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-refused-'));
    deploys = await Deploys.start('dev', 'staging');
    for (const name of NAMESPACES) await kubectl(name, ['create', 'namespace', name]);
    await kubectl(STRANGER, ['label', 'namespace', STRANGER, 'app.kubernetes.io/managed-by=Helm']);
    await kubectl(SMALL, ['create', 'quota', 'team', '--hard=pods=3,limits.memory=1Gi']);
  });
  afterAll(async () => {
    deploys.remove();
    rmSync(folder, { recursive: true });
    await kubectl(NAMESPACE, ['delete', 'namespace', ...NAMESPACES, '--ignore-not-found', '--wait=false']);
  });

  const rows: readonly (readonly [string, () => Promise<Partial<DeployOptions>>, name: string, message: RegExp])[] = [
    [
      'a namespace of somebody else',
      values(`namespace=${STRANGER}`),
      'PreflightError',
      /namespace: .* belongs to Helm, not to sluice/,
    ],
    [
      'a kind that the cluster does not serve',
      () => Promise.resolve({ env: 'staging', set: VALUES }),
      'PreflightError',
      /kinds: the cluster does not serve \w+ of gateway\.envoyproxy\.io\/v1alpha1\n {4}fix: install Envoy Gateway/,
    ],
    [
      'a quota that is too small',
      values(`namespace=${SMALL}`),
      'PreflightError',
      /quota: the quota 'team' in '.*' would not hold all pods .*limits\.memory \d+Mi of 1Gi/,
    ],
    [
      'a user who may only look',
      async () => ({ kubeconfig: await withToken(await tokenOfViewer()) }),
      'PreflightError',
      /access: RBAC forbids this user in the namespace '.*' to .*create, patch, delete deployments\.apps/,
    ],
    [
      'a priority class that nobody made',
      values('priorityClass=platform'),
      'PreflightError',
      /classes: .* names? the PriorityClass 'sluice-gateway', .*\n {4}fix: bring up the platform/,
    ],
    [
      'the address of a store that nobody gave',
      values('stores.redis.kind=external'),
      'PreflightError',
      /secrets: .* the Secret 'redis', .*\n {4}fix: have it made: pulumi config set --secret redisUrl; or make it: kubectl/,
    ],
    [
      'a release that was withdrawn',
      quarantined,
      'PreflightError',
      /quarantine: .* is quarantined since 2026-01-02 by guard: errors of 5 %\n {4}fix: .*patch configmap sluice-quarantine/,
    ],
    [
      'a kubeconfig that is not there',
      () => Promise.resolve({ kubeconfig: '/nowhere/config' }),
      'ClusterError',
      /^no cluster: .*\/nowhere\/config.* does not exist/,
    ],
    [
      'a context that the kubeconfig does not have',
      () => Promise.resolve({ context: 'elsewhere' }),
      'KubeconfigError',
      /the context 'elsewhere', which it does not have; kubectl config use-context /,
    ],
    [
      'a server that does not answer',
      () => withServer('https://127.0.0.1:44301').then((kubeconfig) => ({ kubeconfig })),
      'ClusterError',
      /^the API server https:\/\/127\.0\.0\.1:44301 does not answer \(.*ECONNREFUSED/,
    ],
    [
      'a token that is no longer good',
      () => withToken('ended').then((kubeconfig) => ({ kubeconfig })),
      'ClusterError',
      /does not know the user '.*' of the kubeconfig; its token or certificate may have ended$/,
    ],
  ];
  test.each(rows)('%s', async (_, given, name, message) => {
    const run = deploys.run(deployUp, { env: 'dev', set: VALUES, ...(await given()) });
    await expect(run).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
    expect(deploys.pulumi.calls().filter(({ args }) => args[0] === 'up')).toEqual([]);
    for (const namespace of NAMESPACES) {
      expect(await kubectl(namespace, ['get', 'deployments,statefulsets,secrets', '--output=name'])).toBe('');
    }
  });

  test('a storage class that is not there', async () => {
    const metadata = { name: 'data', namespace: NAMESPACE };
    const spec = { storageClassName: 'gone', resources: { requests: { storage: '1Gi' } } };
    const objects = [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec }];
    const candidate = { objects, namespace: NAMESPACE, environment: 'dev', reader: apiReader(loadKubeconfig()) };
    const rowsOfStorage = PRECONDITIONS.filter(({ id }) => id === 'storage');
    const { findings } = await preflight(candidate, rowsOfStorage);
    expect(findings).toMatchObject([{ problem: expect.stringContaining("the storage class 'gone'") }]);
  });

  function values(...set: readonly string[]): () => Promise<Partial<DeployOptions>> {
    return () => Promise.resolve({ set: [...VALUES, ...set] });
  }

  async function quarantined(): Promise<Partial<DeployOptions>> {
    const { id } = requireRelease(synthesize(withValues(definition.dev, VALUES)).manifests);
    const record = JSON.stringify({ reason: 'errors of 5 %', at: '2026-01-02', by: 'guard' });
    const metadata = { name: QUARANTINE, namespace: NAMESPACE };
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { [id]: record } };
    await kubectl(NAMESPACE, ['apply', '-f', '-'], JSON.stringify(object));
    return { set: VALUES };
  }

  async function tokenOfViewer(): Promise<string> {
    await kubectl(NAMESPACE, ['create', 'serviceaccount', 'viewer']);
    const account = `--serviceaccount=${NAMESPACE}:viewer`;
    await kubectl(NAMESPACE, ['create', 'rolebinding', 'viewer', '--clusterrole=view', account]);
    return (await kubectl(NAMESPACE, ['create', 'token', 'viewer'])).trim();
  }

  function withToken(token: string): Promise<string> {
    return changedKubeconfig((config) => ({
      ...config,
      users: config.users.map((user) => ({ ...user, user: { token } })),
    }));
  }

  function withServer(server: string): Promise<string> {
    return changedKubeconfig((config) => ({
      ...config,
      clusters: config.clusters.map((each) => ({ ...each, cluster: { ...each.cluster, server } })),
    }));
  }

  type Kubeconfig = {
    readonly clusters: readonly { readonly name: string; readonly cluster: object }[];
    readonly users: readonly { readonly name: string }[];
  };

  async function changedKubeconfig(change: (config: Kubeconfig) => Kubeconfig): Promise<string> {
    const text = await kubectl(NAMESPACE, ['config', 'view', '--raw', '--output=json']);
    const file = join(folder, randomBytes(4).toString('hex'));
    writeFileSync(file, JSON.stringify(change(JSON.parse(text) as Kubeconfig)));
    return file;
  }
});
