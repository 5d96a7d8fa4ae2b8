import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DeployOptions } from '../../infra/cli/deploy/options.ts';
import { previewUp } from '../../infra/cli/deploy/preview.ts';
import { deployUp } from '../../infra/cli/deploy/up.ts';
import type { ManagedFields } from '../../infra/cluster/index.ts';
import type { Deployer, DeployRun, Plan } from '../../infra/pulumi/deployer.ts';
import { secretObjects, synthesize, type KubernetesObject } from '../../infra/synth/index.ts';
import { definition, withValues } from '../../service/definition/index.ts';
import { startApiServer, type ApiServer, type ApiServerState } from '../support/api-server.ts';
import { deployedCluster } from '../support/deployed-cluster.ts';
import { recordingDesk, type RecordingDesk } from '../support/desk.ts';

const COMMIT = 'aaaaaaa';
const VALUES = ['release.guard.mode=off'];
const service = withValues(definition.dev, VALUES);
const { manifests } = synthesize(service, COMMIT);
const secrets = secretObjects(service, { redisPassword: 'red-secret', postgresPassword: 'post-secret' });
const PLAN: Plan = { changes: [{ change: 'update', kind: 'Deployment', name: 'gateway', fields: [] }], unchanged: 9 };

const POD = { 'f:spec': { 'f:template': { 'f:spec': {} } } };
const APPLIED: ManagedFields = {
  manager: 'pulumi-kubernetes-1234',
  operation: 'Apply',
  time: '2026-01-02T03:00:00Z',
  fieldsV1: POD,
};
const WITHDRAWN: ManagedFields = {
  manager: 'sluice-guard',
  operation: 'Update',
  time: '2026-01-02T03:04:00Z',
  fieldsV1: POD,
};
const TOLD =
  'sluice-guard changed the pods of the gateway at 2026-01-02T03:04:00Z, past Pulumi: it looks at what runs first\n';

let state: ApiServerState;
let server: ApiServer;
let folder: string;
let runs: Record<string, DeployRun>;
let desk: RecordingDesk;

beforeEach(async () => {
  state = deployedCluster(manifests, secrets);
  server = await startApiServer(() => state);
  folder = mkdtempSync(join(tmpdir(), 'sluice-moves-test-'));
  writeFileSync(join(folder, 'config'), server.config.exportConfig());
  runs = {};
  const deployer = {
    preview(run) {
      runs.preview = run;
      return Promise.resolve(PLAN);
    },
    up(run) {
      runs.up = run;
      return Promise.resolve();
    },
  } as Partial<Deployer> as Deployer;
  desk = recordingDesk({ deployer: () => Promise.resolve(deployer) });
  process.env.SLUICE_COMMIT = COMMIT;
});
afterEach(async () => {
  delete process.env.SLUICE_COMMIT;
  rmSync(folder, { recursive: true });
  await server.close();
});

describe('Pulumi looks at the cluster before it compares', () => {
  const rows: readonly (readonly [string, boolean, readonly ManagedFields[]])[] = [
    ['where the guard went back after the last deploy', true, [APPLIED, WITHDRAWN]],
    ['where a person did with kubectl', true, [APPLIED, { ...WITHDRAWN, manager: 'kubectl' }]],
    ['where both were in one second', true, [APPLIED, { ...WITHDRAWN, time: APPLIED.time ?? '' }]],
    ['not where somebody has applied since', false, [{ ...APPLIED, time: '2026-01-02T03:05:00Z' }, WITHDRAWN]],
    ['not where others set other fields', false, [APPLIED, { ...WITHDRAWN, fieldsV1: { 'f:spec': {} } }]],
    ['not where they only report', false, [APPLIED, { ...WITHDRAWN, subresource: 'status' }]],
    ['not where the server does not say who did', false, []],
  ];
  test.each(rows)('%s', async (_, looks, managedFields) => {
    state = { ...state, objects: state.objects.map((object) => owned(object, managedFields)) };
    expect(await previewUp(options(), desk)).toBe(0);
    expect(runs.preview?.refresh ?? false).toBe(looks);
    expect(desk.told.err.includes('past Pulumi: it looks at what runs first\n')).toBe(looks);
  });

  test('and before it deploys, and says in one line who moved it, and when', async () => {
    state = { ...state, objects: state.objects.map((object) => owned(object, [APPLIED, WITHDRAWN])) };
    expect(await deployUp(options({ json: true }), desk)).toBe(0);
    expect([runs.preview?.refresh, runs.up?.refresh]).toEqual([true, true]);
    expect(desk.told.err).toContain(TOLD);
    expect(JSON.parse(desk.told.out)).toMatchObject({ plan: { unchanged: 9 } });
  });
});

test('where the gateway may not be read, a note says so and the plan is made all the same', async () => {
  state = { ...state, forbidden: /deployments\/gateway$/ };
  expect(await previewUp(options(), desk)).toBe(0);
  expect(runs.preview?.refresh).toBeUndefined();
  expect(desk.told.err).toMatch(/note: whether the gateway was moved past Pulumi is not known: forbidden/);
});

function owned(object: KubernetesObject, managedFields: readonly ManagedFields[]): KubernetesObject {
  if (object.kind !== 'Deployment' || object.metadata.name !== 'gateway') return object;
  return { ...object, metadata: { ...object.metadata, managedFields } as KubernetesObject['metadata'] };
}

function options(given: Partial<DeployOptions> = {}): DeployOptions {
  return { env: 'dev', kubeconfig: join(folder, 'config'), yes: true, set: VALUES, ...given };
}
