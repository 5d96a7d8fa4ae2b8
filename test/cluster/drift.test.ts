import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { synthesize } from '../../infra/synth/index.ts';
import { definition, withValues } from '../../service/definition/index.ts';
import { PROJECT } from '../support/serve.ts';
import { describeOnCluster } from './describe-on-cluster.ts';
import { kubectl } from './kubectl.ts';

const NAMESPACE = `sluice-test-${randomBytes(4).toString('hex')}`;
const SETTINGS = [`namespace=${NAMESPACE}`];
const COMMIT = 'aaaaaaa';
const DIFF = ['diff', '--env', 'dev', '--against', 'cluster'];
const REFRESH = ['refresh', '--env', 'dev', '--expect-no-changes'];

describeOnCluster('an environment beside what runs', () => {
  beforeAll(async () => {
    const { manifests } = synthesize(withValues(definition.dev, SETTINGS), COMMIT);
    const text = manifests.map((object) => JSON.stringify(object)).join('\n');
    await kubectl(NAMESPACE, ['apply', '--server-side', '-f', '-'], text);
  });
  afterAll(() => kubectl(NAMESPACE, ['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--wait=false']));

  test('a namespace that does not exist is told in one message', async () => {
    const run = await sluice(['diff', '--env', 'dev', '--against', 'cluster', '--set', 'namespace=sluice-nowhere']);
    expect(run).toMatchObject({ code: 69, stdout: '' });
    expect(run.stderr).toMatch(/^error: the cluster has no namespace 'sluice-nowhere'; .*\n$/);
  });

  test('does not differ from what was just applied, and has not drifted', async () => {
    expect(await sluice([...DIFF, '--exit-code'], SETTINGS)).toEqual({
      code: 0,
      stdout: '0 objects differ\n',
      stderr: '',
    });
    expect(await sluice(REFRESH, SETTINGS)).toMatchObject({ code: 0, stderr: '' });
  });

  test('a value that is not applied yet is a difference, and no drift', async () => {
    const settings = [...SETTINGS, 'scaling.max=5'];
    const diff = await sluice([...DIFF, '--exit-code'], settings);
    expect(diff.code).toBe(1);
    expect(diff.stdout).toContain('    spec.maxReplicas: 5 in dev, 6 in cluster\n');
    const refresh = await sluice(REFRESH, settings);
    expect(refresh.code).toBe(0);
    expect(refresh.stdout).toContain('no drift\n');
    expect(refresh.stdout).toContain(
      'HorizontalPodAutoscaler gateway spec.maxReplicas: is 6, must be 5; set by kubectl at ',
    );
  });

  test('what somebody changed by hand is named with field, hand and time; what the autoscaler sets is not', async () => {
    const container = {
      name: 'gateway',
      env: [
        { name: 'SLUICE_DEFINITION', value: '/else' },
        { name: 'ADDED', value: '1' },
      ],
    };
    const patch = { spec: { template: { spec: { terminationGracePeriodSeconds: 30, containers: [container] } } } };
    const before = Date.now();
    await kubectl(NAMESPACE, [
      'patch',
      'deployment',
      'gateway',
      '--field-manager=ada',
      '--patch',
      JSON.stringify(patch),
    ]);
    await kubectl(NAMESPACE, ['scale', 'deployment', 'gateway', '--replicas=3']);
    await kubectl(NAMESPACE, ['delete', 'poddisruptionbudget', 'gateway']);

    const run = await sluice([...REFRESH, '--json'], SETTINGS);
    const { drifted, pending } = JSON.parse(run.stdout) as Drift;
    expect(run.code).toBe(1);
    expect(pending).toEqual([]);
    const pod = 'spec.template.spec';
    expect(drifted.map(({ kind, path, found, manager }) => [kind, path, found, manager?.name])).toEqual([
      ['Deployment', `${pod}.containers[gateway].env[SLUICE_DEFINITION].value`, '/else', 'ada'],
      ['Deployment', `${pod}.containers[gateway].env[ADDED]`, { name: 'ADDED', value: '1' }, 'ada'],
      ['Deployment', `${pod}.terminationGracePeriodSeconds`, 30, 'ada'],
      ['PodDisruptionBudget', undefined, undefined, undefined],
    ]);
    for (const time of drifted.flatMap(({ manager }) => (manager ? [manager.time] : []))) {
      // The server tells whole seconds.
      expect(Date.parse(time)).toBeGreaterThanOrEqual(Math.floor(before / 1000) * 1000);
    }

    const diff = await sluice(DIFF, SETTINGS);
    expect(diff.code).toBe(0);
    expect(diff.stdout).toContain(`    ${pod}.terminationGracePeriodSeconds: 140 in dev, 30 in cluster\n`);
    expect(diff.stdout).toContain('  PodDisruptionBudget gateway: only in dev\n');
  });

  test('who may not read the cluster is told what is forbidden', async () => {
    await kubectl(NAMESPACE, ['create', 'serviceaccount', 'nobody']);
    const token = (await kubectl(NAMESPACE, ['create', 'token', 'nobody'])).trim();
    const config = JSON.parse(await kubectl(NAMESPACE, ['config', 'view', '--raw', '--output=json'])) as Kubeconfig;
    const users = config.users.map((user) => ({ ...user, user: { token } }));
    const file = join(mkdtempSync(join(tmpdir(), 'sluice-drift-')), 'config');
    writeFileSync(file, JSON.stringify({ ...config, users }));

    const run = await sluice(REFRESH, SETTINGS, { KUBECONFIG: file });
    rmSync(dirname(file), { recursive: true });
    expect(run).toMatchObject({ code: 69, stdout: '' });
    expect(run.stderr).toMatch(/^error: forbidden by RBAC to get Namespace: .*:nobody" cannot get .*\n$/);
  });
});

type Kubeconfig = { readonly users: readonly { readonly name: string }[] };

type Drift = Readonly<Record<'drifted' | 'pending', readonly Drifted[]>>;

type Drifted = {
  readonly kind: string;
  readonly path?: string;
  readonly found?: unknown;
  readonly manager?: { readonly name: string; readonly time: string };
};

type Run = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs the real command on the cluster of the tests. */
function sluice(args: readonly string[], settings: readonly string[] = [], variables: object = {}): Promise<Run> {
  const { PATH, KUBECONFIG } = process.env;
  const set = settings.flatMap((setting) => ['--set', setting]);
  const env = { PATH, KUBECONFIG, SLUICE_COMMIT: COMMIT, ...variables };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [`${PROJECT}infra/cli/sluice.js`, ...args, ...set],
      { env },
      (_, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, stdout, stderr });
      },
    );
  });
}
