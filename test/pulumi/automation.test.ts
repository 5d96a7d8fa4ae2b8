import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { automationDeployer } from '../../infra/pulumi/automation.ts';
import type { DeployEvent, Deployer, DeployRun } from '../../infra/pulumi/deployer.ts';
import { checkedSynthesis } from '../../infra/checked-synthesis.ts';
import { definition } from '../../service/definition/index.ts';
import { PASSWORDS } from '../support/passwords.ts';
import { PROJECT } from '../support/serve.ts';
import { COMMIT } from './run-program.ts';
import { standInForPulumi, type StandIn } from './stand-in/start.ts';

let pulumi: StandIn;
let deployer: Deployer;
let events: DeployEvent[];

beforeEach(async () => {
  process.env.SLUICE_COMMIT = COMMIT;
  pulumi = await standInForPulumi();
  pulumi.init('dev');
  deployer = automationDeployer(pulumi.command);
  events = [];
});
afterEach(() => {
  delete process.env.SLUICE_COMMIT;
  pulumi.remove();
});

test('a stack from its first preview to its end', async () => {
  const { manifests } = checkedSynthesis(definition.dev, COMMIT);
  const kindsOf = (changes: readonly { readonly kind: string }[]): readonly string[] =>
    changes
      .map(({ kind }) => kind)
      .filter((kind) => kind !== 'Secret')
      .sort();
  const all = manifests.map(({ kind }) => kind).sort();

  const first = await deployer.preview(run());
  expect(kindsOf(first.changes)).toEqual(all);
  expect(new Set(first.changes.map(({ change }) => change))).toEqual(new Set(['create']));
  expect(events).toEqual([]);

  await deployer.up(run());
  const done = events.filter((event) => event.type === 'object');
  expect(kindsOf(done)).toEqual(all);
  expect(new Set(done.map(({ state }) => state))).toEqual(new Set(['done']));
  expect(await deployer.preview(run())).toEqual({ changes: [], unchanged: done.length });

  pulumi.set({ secrets: { ...PASSWORDS, redisPassword: 'other-secret' } });
  const changed = await deployer.preview(run({ set: ['scaling.max=5'] }));
  expect(changed.changes).toContainEqual({
    change: 'update',
    kind: 'HorizontalPodAutoscaler',
    name: 'gateway',
    fields: [{ change: 'changed', path: 'spec.maxReplicas', left: 5, right: 6 }],
  });
  // Immutable configuration goes by its hash: the new one comes, and the old one stays for a rollback.
  expect(changed.changes.filter(({ change }) => change === 'forget').map(({ kind }) => kind)).toContain('ConfigMap');
  expect(changed.changes).toContainEqual(expect.objectContaining({ change: 'update', kind: 'Secret', name: 'redis' }));
  expect(JSON.stringify(changed)).not.toMatch(/-secret/);

  const destroyed = await deployer.previewDestroy(run());
  expect(destroyed.changes.map(({ change }) => change)).toEqual(expect.arrayContaining(['delete', 'forget']));
  expect(destroyed.changes).toHaveLength(done.length);
  await deployer.destroy(run());
  expect((await deployer.previewDestroy(run())).changes).toEqual([]);
}, 400_000);

test('Pulumi is called in the folder of Pulumi.yaml, without questions, and told of the run', async () => {
  await deployer.refresh(run({ set: ['scaling.max=5'], kubeconfig: '/some/config' }));
  const call = pulumi.calls().find(({ args }) => args[0] === 'refresh');
  expect(call).toMatchObject({ SLUICE_SET: '["scaling.max=5"]', SLUICE_FOLLOWED: 'true', KUBECONFIG: '/some/config' });
  expect(`${call?.cwd ?? ''}/`).toBe(PROJECT);
  expect(call?.args).toEqual(expect.arrayContaining(['--yes', '--stack', 'dev', '--non-interactive']));
});

test('an output of another stack is what it says', async () => {
  pulumi.set({ outputs: { kubeconfig: { kind: 'Config' } } });
  expect(await deployer.output('organization/platform/dev', 'kubeconfig')).toEqual({ kind: 'Config' });
  expect(await deployer.output('organization/platform/dev', 'other')).toBeUndefined();
});

describe('what keeps Pulumi from its work is told in words, with what to do', () => {
  test.each([
    ['error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions', 'pulumi login --local'],
    ['failed to decrypt: incorrect passphrase', 'set PULUMI_CONFIG_PASSPHRASE'],
    ['no resource plugin kubernetes-v4.34.2 found', 'pulumi plugin install resource kubernetes'],
    ['the stack is currently locked by 1 lock(s)', "somebody else is changing the stack 'dev'"],
    ['the disk is full', 'pulumi: the disk is full'],
  ])('%s', async (failure, message) => {
    pulumi.set({ failure });
    await expect(deployer.up(run())).rejects.toMatchObject({
      name: 'DeployError',
      message: expect.stringContaining(message),
    });
  });

  test('no more than the last lines of what says no error, and nothing that a terminal would obey', async () => {
    const failure = `\u001b[31m${Array.from({ length: 500 }, (_, line) => `line ${line}`).join('\n')}`;
    pulumi.set({ failure: `\n${failure}\nthe end` });
    const error = await deployer.up(run()).catch((thrown: unknown) => thrown as Error);
    const { message } = error as Error;
    expect(message).toMatch(/the end$/);
    expect(message.split('\n')).toHaveLength(20);
    pulumi.set({ failure: '\u001b[31mthe disk\u001b[0m is full' });
    await expect(deployer.up(run())).rejects.toMatchObject({ message: 'pulumi: the disk is full' });
  });

  test('a stack that was not made', async () => {
    await expect(deployer.preview(run({ environment: 'prod' }))).rejects.toMatchObject({
      name: 'DeployError',
      message: expect.stringContaining('pulumi stack init prod'),
    });
  });

  test('what the program refuses, as it says it', async () => {
    pulumi.set({ secrets: {} });
    const refusal = await deployer.up(run()).catch((error: unknown) => error as Error);
    expect(refusal).toMatchObject({ name: 'DeployError', message: expect.stringContaining('redisPassword') });
    expect((refusal as Error).message).not.toMatch(/\n +at /);
  });
});

function run(given: Partial<DeployRun> = {}): DeployRun {
  return { environment: 'dev', set: [], onEvent: (event) => void events.push(event), ...given };
}
