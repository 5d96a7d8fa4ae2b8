import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { checkedSynthesis } from '../../infra/checked-synthesis.ts';
import { automationDeployer } from '../../infra/pulumi/automation.ts';
import type { DeployEvent, Deployer, DeployRun, PlannedChange } from '../../infra/pulumi/deployer.ts';
import { unawaited } from '../../infra/pulumi/policy.ts';
import type { KubernetesObject } from '../../infra/synth/index.ts';
import { definition, withValues } from '../../service/definition/index.ts';
import { COMMIT } from './run-program.ts';
import { standInForPulumi, type StandIn } from './stand-in/start.ts';

const VALUES = ['release.guard.mode=act'];
const SECRETS = {
  redisPassword: 'red-secret',
  postgresPassword: 'post-secret',
  guardToken: 'guard-secret'.padEnd(32, '-'),
  probeKey: 'probe-secret'.padEnd(32, '-'),
};
const OLDER = `registry.test/gateway@sha256:${'1'.repeat(64)}`;
const { manifests } = checkedSynthesis(withValues(definition.dev, VALUES), COMMIT);

let pulumi: StandIn;
let deployer: Deployer;
let events: DeployEvent[];

beforeEach(async () => {
  process.env.SLUICE_COMMIT = COMMIT;
  pulumi = await standInForPulumi({ secrets: SECRETS });
  pulumi.init('dev');
  deployer = automationDeployer(pulumi.command);
  events = [];
});
afterEach(() => {
  delete process.env.SLUICE_COMMIT;
  pulumi.remove();
});

// With it come the records that the guard fills and the number of pods that the autoscaler sets, which are no change.
test('a release that was taken back is deployed again once Pulumi looks at the cluster, and not before', async () => {
  await deployer.up(run());
  pulumi.set({ moved: [takenBack(), ...records()] });

  expect((await deployer.preview(run())).changes).toEqual([]);
  expect((await deployer.preview(run({ refresh: true }))).changes.map(inWords)).toEqual([
    'update Deployment gateway: spec.template.spec.containers[gateway].image',
  ]);

  events = [];
  await deployer.up(run({ refresh: true }));
  expect(events).toEqual([{ type: 'object', state: 'done', change: 'update', kind: 'Deployment', name: 'gateway' }]);
}, 400_000);

/** The gateway, as whoever goes back to another image leaves it, with as many pods as the load asks for. */
function takenBack(): KubernetesObject {
  const gateway = unawaited(requireObject('Deployment', 'gateway'));
  const scaled = { ...gateway, spec: { ...(gateway.spec as object), replicas: 17 } };
  return JSON.parse(JSON.stringify(scaled).replaceAll(/"image":"[^"]+"/g, `"image":"${OLDER}"`)) as KubernetesObject;
}

function records(): readonly KubernetesObject[] {
  return ['sluice-guard', 'sluice-quarantine', 'sluice-releases'].map((name) => ({
    ...requireObject('ConfigMap', name),
    data: { state: '{}' },
  }));
}

function requireObject(kind: string, name: string): KubernetesObject {
  const found = manifests.find((object) => object.kind === kind && object.metadata.name === name);
  if (!found) throw new Error(`there is no ${kind} ${name}`);
  return found;
}

function inWords({ change, kind, name, fields }: PlannedChange): string {
  return `${change} ${kind} ${name}: ${fields.map(({ path }) => path).join(', ')}`;
}

function run(given: Partial<DeployRun> = {}): DeployRun {
  return { environment: 'dev', set: VALUES, onEvent: (event) => void events.push(event), ...given };
}
