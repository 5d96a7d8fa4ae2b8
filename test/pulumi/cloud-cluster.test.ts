import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { runProgram, type Run } from './run-program.ts';
import { decodeInputs } from './wire.ts';

const CLOUD = fileURLToPath(new URL('../../docs/cloud-cluster/', import.meta.url));
const PLATFORM = fileURLToPath(new URL('../../infra/pulumi/platform/', import.meta.url));
const KUBECONFIG = `apiVersion: v1
kind: Config
current-context: far
contexts: [{ name: far, context: { cluster: far, user: admin } }]
clusters: [{ name: far, cluster: { server: 'https://far.example' } }]
users: [{ name: admin, user: { token: let-me-in } }]
`;

describe('the example of a cluster in a cloud', () => {
  let cloud: Run;

  beforeAll(async () => {
    cloud = await runProgram({
      stack: 'prod',
      folder: CLOUD,
      config: { region: 'fra1', version: '1.34.1-do.0', nodes: '3' },
      provision: ({ values }) => Promise.resolve({ ...values, kubeConfigs: [{ rawConfig: KUBECONFIG }] }),
    });
  });

  test('makes one cluster, of the version that the stack names', () => {
    expect(cloud).toMatchObject({ errors: [], warnings: [], exitCode: 0, finished: true, unknownCalls: [] });
    expect(cloud.resources.map(({ type, values }) => [type, values])).toEqual([
      [
        'digitalocean:index/kubernetesCluster:KubernetesCluster',
        expect.objectContaining({
          name: 'sluice-prod',
          version: '1.34.1-do.0',
          nodePool: expect.objectContaining({ minNodes: 3, maxNodes: 6 }) as unknown,
        }),
      ],
    ]);
  });

  test('hands out its kubeconfig, as a secret', () => {
    expect(decodeInputs(cloud.outputs)).toEqual({ values: { kubeconfig: KUBECONFIG }, secretPaths: ['kubeconfig'] });
  });

  test('has the platform installed on it by naming its stack', async () => {
    const name = 'acme/sluice-cluster/prod';
    const run = await runProgram({
      stack: 'prod',
      folder: PLATFORM,
      config: { kubeconfigStack: name, environments: '["prod"]' },
      otherStacks: { [name]: decodeInputs(cloud.outputs).values },
    });
    expect(run).toMatchObject({ errors: [], exitCode: 0, finished: true });
    const [provider, ...others] = run.resources;
    expect(provider).toMatchObject({ values: { kubeconfig: KUBECONFIG }, secretPaths: ['kubeconfig'] });
    expect(new Set(others.map((each) => each.provider))).toEqual(new Set([`${provider?.urn ?? ''}::cluster`]));
  });
});
