import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deployDown } from '../../infra/cli/deploy/destroy.ts';
import { withDocument } from '../../infra/cli/deploy/documents.ts';
import type { DeployOptions } from '../../infra/cli/deploy/options.ts';
import { planInWords } from '../../infra/cli/deploy/plan-in-words.ts';
import { previewUp } from '../../infra/cli/deploy/preview.ts';
import { nameDrift, refreshState } from '../../infra/cli/deploy/refresh.ts';
import { deployUp } from '../../infra/cli/deploy/up.ts';
import { DeployError, type Deployer, type Plan } from '../../infra/pulumi/deployer.ts';
import { secretObjects, synthesize, type KubernetesObject } from '../../infra/synth/index.ts';
import { definition } from '../../service/definition/index.ts';
import { startApiServer, type ApiServer, type ApiServerState } from '../support/api-server.ts';
import { deployedCluster, running, STARTED, storageClass } from '../support/deployed-cluster.ts';
import { recordingDesk, type RecordingDesk } from '../support/desk.ts';
import { PASSWORDS } from '../support/passwords.ts';

// Said, because what git says may change between here and what is tested.
const COMMIT = 'aaaaaaa';
const { manifests } = synthesize(definition.dev, COMMIT);
const secrets = secretObjects(definition.dev, PASSWORDS);
const PLAN: Plan = {
  changes: [
    { change: 'create', kind: 'ConfigMap', name: 'a', fields: [] },
    { change: 'create', kind: 'ConfigMap', name: 'b', fields: [] },
    {
      change: 'update',
      kind: 'Deployment',
      name: 'gateway',
      fields: [{ change: 'changed', path: 'spec.paused', left: false, right: true }],
    },
    {
      change: 'update',
      kind: 'Secret',
      name: 'redis',
      fields: [{ change: 'changed', path: 'stringData', left: 'red-secret', right: 'old-secret' }],
    },
    { change: 'delete', kind: 'PersistentVolumeClaim', name: 'data', fields: [] },
    { change: 'forget', kind: 'ConfigMap', name: 'old', fields: [] },
  ],
  unchanged: 3,
};
const NO_CHANGE: Plan = { changes: [], unchanged: 9 };

let state: ApiServerState;
let server: ApiServer;
let folder: string;
let plan: Plan;
let calls: string[];
let answer: string | undefined;
let last: RecordingDesk;

beforeEach(async () => {
  state = deployedCluster(manifests, secrets);
  server = await startApiServer(() => state);
  folder = mkdtempSync(join(tmpdir(), 'sluice-deploy-test-'));
  writeFileSync(join(folder, 'config'), server.config.exportConfig());
  [plan, calls, answer] = [PLAN, [], 'yes'];
  process.env.SLUICE_COMMIT = COMMIT;
});
afterEach(async () => {
  delete process.env.SLUICE_COMMIT;
  rmSync(folder, { recursive: true });
  await server.close();
});

describe('up', () => {
  test('tells the plan in words, asks, deploys and ends when all is Ready', async () => {
    expect(await deployUp(options(), desk())).toBe(0);
    expect(calls).toEqual(['preview', 'ask', 'up']);
    expect(last.told.out).toContain(
      'dev: 2 objects created, 2 objects changed, 1 object deleted, 1 object left behind; 3 stay as before',
    );
    expect(last.told.out).toContain('  creates ConfigMap a, b\n');
    expect(last.told.out).toContain('  changes Deployment gateway\n    spec.paused: false, was true\n');
    expect(last.told.out).toContain('  ! deletes PersistentVolumeClaim data: what is stored on its volume is lost\n');
    expect(last.told.out).toMatch(/dev is Ready in the namespace \S+\n$/);
    expect(last.told.out + last.told.err).not.toContain('-secret');
    expect(last.told.err).toContain('  created ConfigMap a (1 of 6)\n');
  });

  test('changes nothing unless the answer is yes', async () => {
    answer = 'y';
    expect(await deployUp(options(), desk())).toBe(3);
    expect(calls).toEqual(['preview', 'ask']);
    expect(last.told.err).toMatch(/nothing was changed\n$/);
  });

  test('refuses before anything where nobody can be asked', async () => {
    answer = undefined;
    await expect(deployUp(options(), desk())).rejects.toMatchObject({ name: 'UsageError' });
    expect([calls, server.asked]).toEqual([[], []]);
  });

  test('asks nobody with --yes, and nothing is done where nothing differs', async () => {
    [answer, plan] = [undefined, NO_CHANGE];
    expect(await deployUp(options({ yes: true }), desk())).toBe(0);
    expect(calls).toEqual(['preview']);
    expect(last.told.out).toMatch(/^dev is as it should be: nothing to change\n/);
  });

  test('a failed check refuses before Pulumi is looked for', async () => {
    const set = ['datastores.postgres.maxConnections=20'];
    await expect(deployUp(options({ set }), desk())).rejects.toMatchObject({ name: 'CheckError' });
    expect([calls, server.asked]).toEqual([[], []]);
  });

  test('a cluster that is not ready refuses with every reason before anything is planned', async () => {
    state = { ...state, version: 'v1.20.0', objects: [] };
    await expect(deployUp(options(), desk())).rejects.toMatchObject({
      name: 'PreflightError',
      message: expect.stringMatching(/nothing was changed\n {2}version: .*\n {4}fix: .*\n {2}storage: /),
    });
    expect(calls).toEqual([]);
  });

  test('a deploy that fails half-way says how to go on', async () => {
    const failing: Partial<Deployer> = {
      up: ({ onEvent }) => {
        onEvent({ type: 'object', state: 'done', change: 'create', kind: 'ConfigMap', name: 'a' });
        return Promise.reject(new DeployError('the quota is used up'));
      },
    };
    await expect(deployUp(options(), desk(failing))).rejects.toMatchObject({
      message: 'the quota is used up\nwhat is done stays; the next run of this goes on from there',
    });
  });

  test('a release that is withdrawn meanwhile ends with 1 and the word for it', async () => {
    state = { ...state, objects: state.objects.map(withdrawn) };
    expect(await deployUp(options(), desk())).toBe(1);
    expect(last.told.err).toMatch(
      /error: dev is withdrawn: Deployment gateway no longer has the template that was deployed/,
    );
    expect(last.told.out).not.toContain('is Ready');
  });

  test('--json prints one document', async () => {
    expect(await deployUp(options({ json: true, yes: true }), desk())).toBe(0);
    expect(JSON.parse(last.told.out)).toMatchObject({ env: 'dev', outcome: 'ready', plan: { unchanged: 3 } });
  });
});

test.each([
  ['up', deployUp],
  ['preview', previewUp],
])('%s refuses a dry run of the guard that is over before anything is asked of the cluster', async (_, command) => {
  const set = ['release.guard.mode=dry-run', 'release.guard.until=2020-01-31'];
  await expect(command(options({ set, yes: true }), desk())).rejects.toMatchObject({
    name: 'CheckError',
    message: expect.stringContaining('the last day of the dry run of the guard'),
  });
  expect(server.asked).toEqual([]);
});

describe('preview', () => {
  test('tells the plan and what would keep up from going ahead, and asks nobody', async () => {
    [answer, state] = [undefined, { ...state, version: 'v1.20.0' }];
    expect(await previewUp(options(), desk())).toBe(1);
    expect(calls).toEqual(['preview']);
    expect(last.told.out).toMatch(/creates ConfigMap a, b[^]*the cluster is not ready for this\n {2}version: /);
  });

  test('ends with 0 where nothing would', async () => {
    expect(await previewUp(options({ json: true }), desk())).toBe(0);
    expect(JSON.parse(last.told.out)).toMatchObject({ env: 'dev', findings: [], unknown: [], plan: { unchanged: 3 } });
  });
});

describe('destroy', () => {
  test('asks for the name of the environment', async () => {
    answer = 'yes';
    expect(await deployDown(options(), desk())).toBe(3);
    expect(calls).toEqual(['previewDestroy', 'ask']);
    answer = 'dev';
    expect(await deployDown(options(), desk())).toBe(0);
    expect(calls.slice(2)).toEqual(['previewDestroy', 'ask', 'destroy']);
  });

  test('a namespace of somebody else is not touched', async () => {
    const labels = { 'app.kubernetes.io/managed-by': 'Helm', 'app.kubernetes.io/part-of': 'billing' };
    const metadata = { name: definition.dev.namespace, labels };
    state = { ...state, objects: [{ apiVersion: 'v1', kind: 'Namespace', metadata }] };
    await expect(deployDown(options({ yes: true }), desk())).rejects.toMatchObject({ name: 'PreflightError' });
    expect(calls).toEqual([]);
  });
});

describe('breaking off', () => {
  test('before anything is changed', async () => {
    const slow: Partial<Deployer> = { preview: () => new Promise(() => last.breakOff()) };
    await expect(deployUp(options(), desk(slow))).rejects.toMatchObject({
      name: 'AbortedError',
      message: 'broken off; nothing was changed',
    });
    expect(calls).toEqual([]);
  });

  test('at the question', async () => {
    const at = desk();
    const asking = { ...at, ask: () => new Promise<string>(() => at.breakOff()) };
    await expect(deployUp(options(), asking)).rejects.toMatchObject({ name: 'AbortedError' });
    expect(calls).toEqual(['preview']);
  });

  test('in the middle waits for what is under way, and says that it stays', async () => {
    const slow: Partial<Deployer> = {
      up: ({ onEvent, stop }) =>
        new Promise((_, reject) => {
          stop?.addEventListener('abort', () => {
            onEvent({ type: 'object', state: 'done', change: 'create', kind: 'ConfigMap', name: 'a' });
            reject(new DeployError('update cancelled'));
          });
          last.breakOff();
        }),
    };
    await expect(deployUp(options(), desk(slow))).rejects.toMatchObject({
      name: 'AbortedError',
      message: 'broken off; what is done stays; the next run of this goes on from there',
    });
    expect(last.told.err).toContain('created ConfigMap a');
  });

  test('while the pods start', async () => {
    state = { ...state, objects: [storageClass(), ...secrets, ...running(manifests, 0)] };
    const at = desk();
    const breakOffAt = (text: string): void => {
      if (text.includes('pods Ready')) at.breakOff();
    };
    await expect(deployUp(options(), { ...at, err: breakOffAt })).rejects.toMatchObject({
      name: 'AbortedError',
      message: expect.stringContaining('everything is deployed, and the pods go on starting'),
    });
  });
});

describe('--json prints one document, however a run ends:', () => {
  const failing: Partial<Deployer> = { up: () => Promise.reject(new DeployError('the quota is used up')) };
  const interrupted: Partial<Deployer> = { preview: () => new Promise(() => last.breakOff()) };
  const rows: readonly (readonly [string, run: () => Promise<unknown>, document: object])[] = [
    [
      'refused',
      () => document(deployUp, { set: ['namespace=kube-system'] }),
      { findings: [{ precondition: 'namespace' }] },
    ],
    ['failed', () => document(deployUp, {}, failing), { message: 'the quota is used up\nnothing was changed' }],
    ['aborted', () => document(deployUp, {}, interrupted), { message: 'broken off; nothing was changed' }],
    ['declined', () => document(deployUp, { answer: 'no' }), { plan: { unchanged: 3 } }],
    ['ready', () => document(deployUp, {}), { plan: { unchanged: 3 }, retired: 0 }],
    ['declined', () => document(deployDown, { answer: 'no' }), { plan: { unchanged: 3 } }],
    ['gone', () => document(deployDown, { answer: 'dev' }), { plan: { unchanged: 3 } }],
    ['declined', () => document(refreshState, { answer: 'no' }), { drifted: [] }],
    ['taken', () => document(refreshState, {}), { drifted: [] }],
    ['failed', () => document(nameDrift, { context: 'nowhere' }), { message: expect.stringContaining("'nowhere'") }],
  ];
  test.each(rows)('%s', async (outcome, run, expected) => {
    state = { ...state, objects: [...state.objects, ...manifests.filter(({ kind }) => !STARTED.includes(kind))] };
    await run();
    expect(JSON.parse(last.told.out)).toMatchObject({ env: 'dev', outcome, ...expected });
  });

  type Command = (options: DeployOptions, desk: RecordingDesk) => Promise<number>;
  type Given = Partial<DeployOptions> & { readonly answer?: string };

  function document(command: Command, { answer: said = 'yes', ...given }: Given, deployer: Partial<Deployer> = {}) {
    answer = said;
    const all = { ...options(given), json: true };
    const at = desk(deployer);
    return withDocument(all, at, () => command(all, at)).catch(() => undefined);
  }
});

describe('configuration of releases that nobody can go back to', () => {
  const [own] = manifests.filter(({ kind, immutable }) => kind === 'ConfigMap' && immutable === true);
  const old = (name: string): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    immutable: true,
    metadata: {
      ...own?.metadata,
      name,
      ...{ uid: `uid-of-${name}`, resourceVersion: '7', creationTimestamp: '2026-01-01T00:00:00Z' },
    },
  });

  test('is removed at the end, and counted', async () => {
    state = { ...state, objects: [...state.objects, old('gateway-config-1'), old('gateway-config-2')] };
    expect(await deployUp(options(), desk())).toBe(0);
    expect(deletions()).toEqual(['gateway-config-1', 'gateway-config-2']);
    expect(last.told.err).toMatch(/removed 2 ConfigMaps of releases that nobody can go back to\n$/);
  });

  test('stays with a note where it may not be removed, and the deploy is done all the same', async () => {
    state = { ...state, objects: [...state.objects, old('gateway-config-1')], forbidden: /gateway-config-1$/ };
    expect(await deployUp(options(), desk())).toBe(0);
    expect(last.told.err).toMatch(
      /note: configuration of earlier releases stays: forbidden by RBAC to delete ConfigMap/,
    );
    expect(last.told.out).toMatch(/dev is Ready/);
  });

  test('stays where the deploy did not get Ready', async () => {
    state = { ...state, objects: [...state.objects.map(withdrawn), old('gateway-config-1')] };
    expect(await deployUp(options(), desk())).toBe(1);
    expect(deletions()).toEqual([]);
  });

  function deletions(): readonly string[] {
    return server.asked.flatMap((each) => /^DELETE .*\/configmaps\/(.+)$/.exec(each)?.[1] ?? []);
  }
});

test('a plan warns loudly of every kind with which data goes', () => {
  const kinds = ['Namespace', 'PersistentVolumeClaim', 'StatefulSet', 'Cluster', 'Secret'];
  const changes = kinds.map((kind) => ({ change: 'delete' as const, kind, name: 'x', fields: [] }));
  const warnings = planInWords('dev', { changes, unchanged: 0 }).filter((line) => line.startsWith('  ! deletes '));
  expect(warnings).toHaveLength(kinds.length);
});

function options(given: Partial<DeployOptions> = {}): DeployOptions {
  return { env: 'dev', kubeconfig: join(folder, 'config'), ...given };
}

function desk(given: Partial<Deployer> = {}): RecordingDesk {
  const deployer: Deployer = {
    preview: () => called('preview', plan),
    previewDestroy: () => called('previewDestroy', plan),
    up({ onEvent }) {
      for (const { change, kind, name } of plan.changes) onEvent({ type: 'object', state: 'done', change, kind, name });
      return called('up', undefined);
    },
    refresh: () => called('refresh', undefined),
    destroy: () => called('destroy', undefined),
    output: () => called('output', undefined),
    ...given,
  };
  last = recordingDesk({ deployer: () => Promise.resolve(deployer), answer, onAsk: () => void calls.push('ask') });
  return last;
}

function called<T>(name: string, result: T): Promise<T> {
  calls.push(name);
  return Promise.resolve(result);
}

function withdrawn(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'Deployment' || object.metadata.name !== 'gateway') return object;
  const text = JSON.stringify(object).replaceAll(/"image":"[^"]+"/g, '"image":"older"');
  return JSON.parse(text) as KubernetesObject;
}
