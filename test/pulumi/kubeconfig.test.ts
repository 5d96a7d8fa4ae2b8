import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PASSWORDS } from '../support/passwords.ts';
import { runProgram, type Run } from './run-program.ts';

const PLATFORM = fileURLToPath(new URL('../../infra/pulumi/platform/', import.meta.url));
// Its keys sorted, as they are after a stack's state.
const KUBECONFIG = JSON.stringify({
  apiVersion: 'v1',
  clusters: [{ cluster: { server: 'https://far.example:6443' }, name: 'far' }],
  contexts: [{ context: { cluster: 'far', user: 'deployer' }, name: 'far' }],
  'current-context': 'far',
  kind: 'Config',
  users: [{ name: 'deployer', user: { token: 'let-me-in' } }],
});
const CLOUD = 'acme/cloud-cluster/prod';

describe('a program', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-kubeconfig-'));
    writeFileSync(join(folder, 'far.yaml'), KUBECONFIG);
    writeFileSync(join(folder, 'empty.yaml'), 'kind: Config');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('leaves the cluster to the environment when nothing names one', async () => {
    const run = await deploy({});

    expect(run).toMatchObject({ errors: [], exitCode: 0 });
    expect(new Set(run.resources.map(({ provider }) => provider))).toEqual(new Set(['']));
  });

  test('sends everything to the cluster of a file, whose content stays secret', async () => {
    const run = await deploy({ kubeconfigFile: join(folder, 'far.yaml') });

    expectCluster(run, { kubeconfig: KUBECONFIG, upsertExistingObjects: 'true' });
  });

  test.each([
    ['as text', KUBECONFIG],
    ['as an object', JSON.parse(KUBECONFIG) as unknown],
  ])("sends everything to the cluster of another stack's output, given %s", async (_, kubeconfig) => {
    const run = await deploy({ kubeconfigStack: CLOUD }, { [CLOUD]: { kubeconfig } });

    expectCluster(run, { kubeconfig: KUBECONFIG, upsertExistingObjects: 'true' });
  });

  test('takes the output and the context that it is told', async () => {
    const config = { kubeconfigStack: CLOUD, kubeconfigOutput: 'admin', kubeconfigContext: 'far' };
    const run = await deploy(config, { [CLOUD]: { admin: KUBECONFIG } });

    expectCluster(run, { kubeconfig: KUBECONFIG, context: 'far', upsertExistingObjects: 'true' });
  });

  test('registers nothing where the output is not there', async () => {
    const run = await deploy({ kubeconfigStack: CLOUD }, { [CLOUD]: { address: 'far' } });

    expectRefusal(run, `The stack '${CLOUD}' has no output 'kubeconfig'`);
  });

  test.each<[string, () => Record<string, string>, string]>([
    ['no such file', () => ({ kubeconfigFile: join(folder, 'gone.yaml') }), 'gone.yaml cannot be read (ENOENT)'],
    [
      'a file that is none',
      () => ({ kubeconfigFile: join(folder, 'empty.yaml') }),
      'empty.yaml has no current context',
    ],
    [
      'a context that it does not have',
      () => ({ kubeconfigFile: join(folder, 'far.yaml'), kubeconfigContext: 'near' }),
      "means the context 'near', which it does not have",
    ],
    [
      'two clusters at once',
      () => ({ kubeconfigFile: 'a', kubeconfigStack: 'b' }),
      'both sluice-platform:kubeconfigFile and',
    ],
  ])('registers nothing with %s', async (_, config, message) => {
    expectRefusal(await deploy(config()), message);
  });
});

test('the program of a service sends everything there too', async () => {
  const config = { kubeconfigStack: CLOUD };
  const run = await runProgram({
    stack: 'dev',
    secrets: PASSWORDS,
    config,
    otherStacks: { [CLOUD]: { kubeconfig: KUBECONFIG } },
  });

  expectCluster(run, { kubeconfig: KUBECONFIG, upsertExistingObjects: 'true' });
  expect(run.resources.length).toBeGreaterThan(10);
});

function deploy(config: Record<string, string>, otherStacks = {}): Promise<Run> {
  return runProgram({ stack: 'far', folder: PLATFORM, config: { ...config, environments: '["dev"]' }, otherStacks });
}

function expectCluster(run: Run, inputs: object): void {
  expect(run).toMatchObject({ errors: [], exitCode: 0, unknownCalls: [] });
  const [provider, ...others] = run.resources;
  expect(provider).toMatchObject({ type: 'pulumi:providers:kubernetes', name: 'cluster', secretPaths: ['kubeconfig'] });
  expect(provider?.values).toEqual(inputs);
  expect(others.length).toBeGreaterThan(1);
  for (const resource of others) expect(resource.provider).toBe(`${provider?.urn ?? ''}::cluster`);
}

function expectRefusal(run: Run, message: string): void {
  expect(run.resources).toEqual([]);
  expect(run.exitCode).toBe(32);
  expect(run.errors).toEqual([expect.stringContaining(message)]);
  expect(run.errors[0]).not.toMatch(/\n +at |let-me-in/);
}
