import { describe, expect, test } from '@jest/globals';
import {
  followRollout,
  QUARANTINE,
  requireRelease,
  type ApiReader,
  type Followed,
  type LiveObject,
} from '../../infra/cluster/index.ts';
import { formatState, STORES } from '../../alerts/rollback/index.ts';
import type { KubernetesObject } from '../../infra/synth/index.ts';
import { build, settledDrive } from '../alerts/rollback/drive.ts';
import { FAILS } from '../alerts/rollback/traffic.ts';

const IMAGE = `registry/sluice@sha256:${'8c1f'.repeat(16)}`;
const OLD_IMAGE = 'registry/sluice:old';
const STEP_MS = 1000;
const DEADLINE_MS = 30_000;
const HASH = 'pod-template-hash';

const GATEWAY = deployment(IMAGE);

test('ends when every pod of its own template is Ready, telling the way there', async () => {
  const { followed, progress, steps } = await follow(
    [rolled(0, 3), set('new', IMAGE, 0)],
    [rolled(1, 3), set('new', IMAGE, 1)],
    [rolled(1, 3), set('new', IMAGE, 1)],
    [rolled(2, 2, 3)],
    [rolled(2)],
  );
  expect(followed).toEqual({ outcome: 'ready' });
  expect(steps).toBe(5);
  expect(progress).toEqual([
    'Deployment gateway: 0 of 2 pods Ready',
    'Deployment gateway: 1 of 2 pods Ready',
    'Deployment gateway: 2 of 2 pods Ready',
  ]);
});

test('a state that the controller has not seen yet is not that of this rollout', async () => {
  const stale = rolled(2);
  const metadata = { ...stale.metadata, generation: 2 };
  expect((await follow([{ ...stale, metadata }], [rolled(2)])).steps).toBe(2);
});

describe('withdrawn is told at once', () => {
  test('when another hand put another template in place', async () => {
    const fieldsV1 = { 'f:spec': { 'f:template': {} } };
    const managedFields = [{ manager: 'guard', time: '2026-01-02T03:04:05Z', fieldsV1 }];
    const other = deployment(OLD_IMAGE);
    const withdrawn = { ...other, metadata: { ...other.metadata, managedFields } };
    const { followed, steps } = await follow([rolled(1), set('new', IMAGE, 1)], [withdrawn]);
    expect(followed).toEqual({
      outcome: 'withdrawn',
      message: expect.stringContaining('withdrawn by guard at 2026-01-02T03:04:05Z'),
    });
    expect(steps).toBe(2);
  });

  test('when its release is quarantined', async () => {
    const record = JSON.stringify({ reason: 'errors of 5 %', at: '2026-01-02', by: 'guard' });
    const quarantine = { ...object('v1', 'ConfigMap', QUARANTINE), data: { [requireRelease([GATEWAY]).id]: record } };
    const { followed } = await follow([rolled(1), set('new', IMAGE, 1)], [rolled(1), quarantine]);
    expect(followed).toEqual({
      outcome: 'withdrawn',
      message: expect.stringContaining('is quarantined since 2026-01-02 by guard: errors of 5 %'),
    });
  });

  test('with the reason of the guard that withdrew it, and how to learn more', async () => {
    const { id } = requireRelease([GATEWAY]);
    const one = settledDrive();
    one.release(build('b2b2', '2.0.0', { release: { id, image: IMAGE, configuration: '0123456789' } }), FAILS);
    const kept = (name: string, data: Readonly<Record<string, string>>): LiveObject => ({
      ...object('v1', 'ConfigMap', name),
      data,
    });
    one.until(() => one.store.state.phase === 'verifying');
    const going = kept(STORES.guard, { state: formatState(one.store.state) });
    one.until(() => one.outcome('b2b2') === 'restored');
    const records = [...one.world.records].map(([key, record]) => [key, JSON.stringify(record)] as const);
    const gone = kept(STORES.releases, Object.fromEntries(records));
    for (const told of [going, gone]) {
      const { followed } = await follow([deployment(OLD_IMAGE), told]);
      expect(followed).toMatchObject({
        outcome: 'withdrawn',
        message: expect.stringMatching(
          /^Deployment gateway no longer has the template .*\nthe guard, by the rule bad: .*\nwhy in full: sluice release explain b2b2\S* --env dev$/,
        ),
      });
    }
    const broken = kept(STORES.guard, { state: '{' });
    expect((await follow([deployment(OLD_IMAGE), broken])).followed).toMatchObject({
      message: expect.not.stringContaining('guard'),
    });
  });

  test('when it was deleted', async () => {
    const { followed } = await follow([rolled(1), set('new', IMAGE, 1)], []);
    expect(followed.outcome).toBe('withdrawn');
  });
});

describe('what waiting cannot mend is told at once, with what still serves', () => {
  const waiting = (reason: string, restartCount = 0): object => ({
    containerStatuses: [
      {
        name: 'gateway',
        image: IMAGE,
        restartCount,
        state: { waiting: { reason, message: 'because' } },
        lastState: { terminated: { exitCode: 78, reason: 'Error' } },
      },
    ],
  });

  test.each<[reason: string, status: object, message: string]>([
    ['ImagePullBackOff', waiting('ImagePullBackOff'), 'its image cannot be pulled'],
    ['ErrImageNeverPull', waiting('ErrImageNeverPull'), 'its image is not on the node'],
    ['a missing Secret', waiting('CreateContainerConfigError'), 'its configuration is not there'],
    ['a crash loop', waiting('CrashLoopBackOff', 3), 'gateway has ended 3 times, the last time with exit code 78'],
  ])('%s', async (_, status, message) => {
    const { followed, steps } = await follow([
      rolled(0, 3),
      set('old', OLD_IMAGE, 2),
      set('new', IMAGE, 0),
      pod('new', status),
    ]);
    expect(followed).toMatchObject({ outcome: 'stuck', message: expect.stringContaining(message) });
    expect(followed).toMatchObject({ message: expect.stringContaining('2 pods of the version before still serve.') });
    expect(steps).toBe(1);
  });

  test('a crash loop is told with the last words of the program', async () => {
    const { followed } = await follow([rolled(0), set('new', IMAGE, 0), pod('new', waiting('CrashLoopBackOff', 3))]);
    expect(followed).toMatchObject({ message: expect.stringContaining('its last words:\n  DATABASE_URL is wrong') });
  });

  test('a quota that refuses pods', async () => {
    const conditions = [{ type: 'ReplicaFailure', status: 'True', message: 'exceeded quota: team' }];
    const refused = { ...rolled(0), status: { conditions } };
    const { followed } = await follow([refused]);
    expect(followed).toMatchObject({ outcome: 'stuck', message: expect.stringContaining('exceeded quota: team') });
  });

  test('a rollout past its deadline', async () => {
    const conditions = [
      { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'timed out' },
    ];
    const { followed } = await follow([{ ...rolled(0), status: { conditions } }]);
    expect(followed).toMatchObject({ outcome: 'stuck', message: expect.stringContaining('timed out') });
  });

  test('pods of the version before are of no concern', async () => {
    const old = pod('old', waiting('ImagePullBackOff'));
    const { followed } = await follow([rolled(1), set('old', OLD_IMAGE, 0), set('new', IMAGE, 1), old], [rolled(2)]);
    expect(followed).toEqual({ outcome: 'ready' });
  });
});

describe('what may still mend itself is told at once, and counts as stuck at the deadline', () => {
  const scheduling = {
    conditions: [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes: Insufficient cpu' }],
  };
  const running = { conditions: [{ type: 'Ready', status: 'False' }] };
  const unhealthy = {
    ...object('v1', 'Event', 'e'),
    reason: 'Unhealthy',
    message: 'Readiness probe failed: 503',
    lastTimestamp: '2026-01-02T03:04:05Z',
    involvedObject: { name: 'gateway-new' },
  };

  test.each<[string, readonly LiveObject[], string]>([
    ['no node takes the pod', [pod('new', scheduling)], 'no node takes it (0/1 nodes: Insufficient cpu)'],
    ['a probe fails', [pod('new', running), unhealthy], 'Readiness probe failed: 503'],
    ['one crash', [pod('new', { containerStatuses: [crash(1)] })], 'gateway has ended 1 times'],
  ])('%s', async (_, objects, message) => {
    const { followed, progress, steps } = await follow([rolled(0), set('new', IMAGE, 0), ...objects]);
    expect(progress.join('\n')).toContain(message);
    expect(followed).toMatchObject({ outcome: 'stuck', message: expect.stringContaining(message) });
    expect(followed).toMatchObject({ message: expect.stringContaining('nothing has changed for 30 s') });
    expect(steps).toBe(DEADLINE_MS / STEP_MS + 1);
  });
});

function crash(restartCount: number): object {
  return { name: 'gateway', image: IMAGE, restartCount, state: { waiting: { reason: 'CrashLoopBackOff' } } };
}

type Result = { readonly followed: Followed; readonly progress: readonly string[]; readonly steps: number };

/** Follows the gateway through states of a cluster, a second each; the last one stays. */
async function follow(...states: readonly (readonly LiveObject[])[]): Promise<Result> {
  let step = 0;
  const now = (): readonly LiveObject[] => states[Math.min(step, states.length - 1)] ?? [];
  const progress: string[] = [];
  const reader = {
    list: (kind) => Promise.resolve(now().filter((each) => each.kind === kind.kind)),
    find: (kind, _, name) =>
      Promise.resolve(now().find((each) => each.kind === kind.kind && each.metadata.name === name)),
    lastWords: () => Promise.resolve('DATABASE_URL is wrong'),
  } satisfies Partial<ApiReader>;
  const followed = await followRollout({
    reader: reader as unknown as ApiReader,
    namespace: 'shop',
    environment: 'dev',
    objects: [GATEWAY],
    progressDeadlineMs: DEADLINE_MS,
    onProgress: (line) => progress.push(line),
    now: () => step * STEP_MS,
    pause: () => Promise.resolve(void (step += 1)),
  });
  return { followed, progress, steps: step + 1 };
}

function object(apiVersion: string, kind: string, name: string): KubernetesObject {
  return { apiVersion, kind, metadata: { name, namespace: 'shop' } };
}

function template(image: string): object {
  const volumes = [{ name: 'config', configMap: { name: 'gateway-config-0123456789' } }];
  return { spec: { containers: [{ name: 'gateway', image }], volumes } };
}

function deployment(image: string): KubernetesObject {
  return { ...object('apps/v1', 'Deployment', 'gateway'), spec: { replicas: 2, template: template(image) } };
}

/** The Deployment as it runs, with so many new pods available of so many in all. */
function rolled(available: number, replicas = available, updated = available): LiveObject {
  const status = { observedGeneration: 1, replicas, updatedReplicas: updated, availableReplicas: available };
  return { ...GATEWAY, metadata: { ...GATEWAY.metadata, generation: 1 }, status };
}

function set(hash: string, image: string, readyReplicas: number): LiveObject {
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'gateway', uid: 'its own' }];
  const metadata = { name: `gateway-${hash}`, namespace: 'shop', labels: { [HASH]: hash }, ownerReferences };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata,
    spec: { template: template(image) },
    status: { readyReplicas },
  };
}

function pod(hash: string, status: object): LiveObject {
  const metadata = { name: `gateway-${hash}`, namespace: 'shop', labels: { [HASH]: hash } };
  return { apiVersion: 'v1', kind: 'Pod', metadata, status };
}
