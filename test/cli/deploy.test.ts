import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Desk } from '../../infra/cli/deploy/desk.ts';
import { deployDown } from '../../infra/cli/deploy/destroy.ts';
import type { DeployOptions } from '../../infra/cli/deploy/options.ts';
import { planInWords } from '../../infra/cli/deploy/plan-in-words.ts';
import { previewUp } from '../../infra/cli/deploy/preview.ts';
import { deployUp } from '../../infra/cli/deploy/up.ts';
import { DeployError, type Deployer, type Plan } from '../../infra/pulumi/deployer.ts';
import { findCommit, synthesize, type KubernetesObject } from '../../infra/synth/index.ts';
import { definition } from '../../service/definition/index.ts';
import { startApiServer, type ApiServer, type ApiServerState } from '../support/api-server.ts';

const { manifests } = synthesize(definition.dev, findCommit());
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
let out: string;
let err: string;
let answer: string | undefined;

beforeEach(async () => {
  state = {
    version: 'v1.34.1',
    kinds: [
      ...new Set([
        ...manifests.map(({ apiVersion, kind, metadata }) => `${apiVersion} ${kind}${metadata.namespace ? '' : '*'}`),
        'v1 Secret',
        'v1 Pod',
        'v1 Event',
        'v1 ResourceQuota',
        'apps/v1 ReplicaSet',
        'apps/v1 StatefulSet',
        'storage.k8s.io/v1 StorageClass*',
        'metrics.k8s.io/v1beta1 PodMetrics',
      ]),
    ],
    objects: [storageClass(), ...running()],
    allows: () => true,
    forbidden: undefined,
  };
  server = await startApiServer(() => state);
  folder = mkdtempSync(join(tmpdir(), 'sluice-deploy-test-'));
  writeFileSync(join(folder, 'config'), server.config.exportConfig());
  [plan, calls, out, err, answer] = [PLAN, [], '', '', 'yes'];
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await server.close();
});

describe('up', () => {
  test('tells the plan in words, asks, deploys and ends when all is Ready', async () => {
    expect(await deployUp(options(), desk())).toBe(0);
    expect(calls).toEqual(['preview', 'ask', 'up']);
    expect(out).toContain(
      'dev: 2 objects created, 2 objects changed, 1 object deleted, 1 object left behind; 3 stay as before',
    );
    expect(out).toContain('  creates ConfigMap a, b\n');
    expect(out).toContain('  changes Deployment gateway\n    spec.paused: false, was true\n');
    expect(out).toContain('  ! deletes PersistentVolumeClaim data: what is stored on its volume is lost\n');
    expect(out).toMatch(/dev is Ready in the namespace \S+\n$/);
    expect(out + err).not.toContain('-secret');
    expect(err).toContain('  created ConfigMap a (1 of 6)\n');
  });

  test('changes nothing unless the answer is yes', async () => {
    answer = 'y';
    expect(await deployUp(options(), desk())).toBe(3);
    expect(calls).toEqual(['preview', 'ask']);
    expect(err).toMatch(/nothing was changed\n$/);
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
    expect(out).toMatch(/^dev is as it should be: nothing to change\n/);
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
    expect(err).toMatch(/error: dev is withdrawn: Deployment gateway no longer has the template that was deployed/);
    expect(out).not.toContain('is Ready');
  });

  test('--json prints one document', async () => {
    expect(await deployUp(options({ json: true, yes: true }), desk())).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ env: 'dev', outcome: 'ready', plan: { unchanged: 3 } });
  });
});

describe('preview', () => {
  test('tells the plan and what would keep up from going ahead, and asks nobody', async () => {
    [answer, state] = [undefined, { ...state, version: 'v1.20.0' }];
    expect(await previewUp(options(), desk())).toBe(1);
    expect(calls).toEqual(['preview']);
    expect(out).toMatch(/creates ConfigMap a, b[^]*the cluster is not ready for this\n {2}version: /);
  });

  test('ends with 0 where nothing would', async () => {
    expect(await previewUp(options({ json: true }), desk())).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ env: 'dev', findings: [], unknown: [], plan: { unchanged: 3 } });
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

test('a plan warns loudly of every kind with which data goes', () => {
  const kinds = ['Namespace', 'PersistentVolumeClaim', 'StatefulSet', 'Cluster', 'Secret'];
  const changes = kinds.map((kind) => ({ change: 'delete' as const, kind, name: 'x', fields: [] }));
  const warnings = planInWords('dev', { changes, unchanged: 0 }).filter((line) => line.startsWith('  ! deletes '));
  expect(warnings).toHaveLength(kinds.length);
});

function options(given: Partial<DeployOptions> = {}): DeployOptions {
  return { env: 'dev', kubeconfig: join(folder, 'config'), ...given };
}

function desk(given: Partial<Deployer> = {}): Desk {
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
  const answered = answer;
  return {
    deployer: () => Promise.resolve(deployer),
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    ...(answered !== undefined && { ask: () => called('ask', answered) }),
  };
}

function called<T>(name: string, result: T): Promise<T> {
  calls.push(name);
  return Promise.resolve(result);
}

function storageClass(): KubernetesObject {
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  return { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'standard', annotations } };
}

/** Every workload of the environment, rolled out. */
function running(): readonly KubernetesObject[] {
  return manifests
    .filter(({ kind }) => ['Deployment', 'StatefulSet'].includes(kind))
    .map((object) => {
      const { replicas = 1 } = object.spec as { readonly replicas?: number };
      return { ...object, status: { replicas, updatedReplicas: replicas, availableReplicas: replicas } };
    });
}

function withdrawn(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'Deployment' || object.metadata.name !== 'gateway') return object;
  const text = JSON.stringify(object).replaceAll(/"image":"[^"]+"/g, '"image":"older"');
  return JSON.parse(text) as KubernetesObject;
}
