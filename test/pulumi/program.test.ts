import { beforeAll, describe, expect, test } from '@jest/globals';
import { STORES } from '../../alerts/rollback/index.ts';
import { checkedSynthesis } from '../../infra/checked-synthesis.ts';
import { resourceName } from '../../infra/pulumi/index.ts';
import { secretObjects, type KubernetesObject } from '../../infra/synth/index.ts';
import { definition, ENVIRONMENTS, withValues } from '../../service/definition/index.ts';
import { PASSWORDS } from '../support/passwords.ts';
import { COMMIT, readProject, runProgram, type Run } from './run-program.ts';

const DIGEST = `sha256:${'8c1f'.repeat(16)}`;

describe('a deploy', () => {
  const runs = new Map<string, Run>();
  const runOf = (stack: string): Run => {
    const run = runs.get(stack);
    if (!run) throw new Error(`no run of ${stack}`);
    return run;
  };

  beforeAll(async () => {
    for (const stack of ENVIRONMENTS) runs.set(stack, await runProgram({ stack, secrets: PASSWORDS }));
  }, 180_000);

  test.each(ENVIRONMENTS)('of %s registers exactly the synthesized objects and the secrets', (environment) => {
    const run = runOf(environment);
    const service = definition[environment];
    const { manifests } = checkedSynthesis(service, COMMIT);
    expectSuccess(run);
    expect(run.outputs).toEqual({ namespace: service.namespace });
    expectObjects(run, [...manifests, ...secretObjects(service, PASSWORDS)]);
  });

  test('registers what the values of its configuration make of the definition', async () => {
    const values = ['rollout.deployAwait=15m', 'namespace=elsewhere'];
    const config = { set: JSON.stringify(values), imageDigest: DIGEST };
    const run = await runProgram({ stack: 'prod', config, secrets: PASSWORDS });
    const service = withValues(definition.prod, [...values, `image.digest=${DIGEST}`]);
    const { manifests } = checkedSynthesis(service);
    expectSuccess(run);
    expectObjects(run, [...manifests, ...secretObjects(service, PASSWORDS)]);
    expect(requireResource(run, 'Deployment', 'elsewhere/gateway').timeouts).toEqual({
      create: '900s',
      update: '900s',
    });
  });

  test('tells where Redis is that others run, and runs none', async () => {
    const secrets = { ...PASSWORDS, redisUrl: 'rediss://:s@state:6380', redisCacheUrl: 'rediss://:s@cache:6380' };
    const values = ['stores.redis.kind=external', 'stores.redis.externalPort=6380'];
    const run = await runProgram({ stack: 'prod', config: { set: JSON.stringify(values) }, secrets });
    const service = withValues(definition.prod, values);
    expectSuccess(run);
    expectObjects(run, [...checkedSynthesis(service, COMMIT).manifests, ...secretObjects(service, secrets)]);
    expect(requireResource(run, 'Secret', 'sluice-prod/redis-cache').values.stringData).toEqual({
      url: secrets.redisCacheUrl,
    });
    expect(run.resources.filter(({ name }) => name.endsWith('/redis')).map(({ values: { kind } }) => kind)).toEqual([
      'Secret',
    ]);
  });

  test('waits for what pods need, and lets the rest go in parallel', () => {
    const run = runOf('prod');
    const kindOf = new Map(run.resources.map(({ urn, values }) => [urn, values.kind]));
    const kinds = (kind: string, name: string) =>
      new Set(requireResource(run, kind, name).dependencies.map((urn) => kindOf.get(urn)));
    const foundation = [
      // Without the schema of its version a gateway would not become Ready, and without limits and quota count for nothing.
      ...['ConfigMap', 'Job', 'LimitRange', 'Namespace', 'NetworkPolicy', 'ResourceQuota', 'Role', 'RoleBinding'],
      ...['Secret', 'ServiceAccount'],
    ];
    expect(kinds('Namespace', 'sluice-prod')).toEqual(new Set());
    expect(kinds('Service', 'sluice-prod/gateway')).toEqual(new Set(['Namespace']));
    expect([...kinds('Deployment', 'sluice-prod/gateway')].sort()).toEqual(foundation);
  });

  test('keeps passwords secret, leaves scaling to the autoscaler and protects nothing from a destroy', () => {
    const run = runOf('prod');
    for (const { values, secretPaths } of run.resources) {
      expect(secretPaths).toEqual(values.kind === 'Secret' ? ['stringData'] : []);
    }
    expect(requireResource(run, 'Deployment', 'sluice-prod/gateway').ignoreChanges).toEqual(['spec.replicas']);
    const kept = run.resources.filter(({ retainOnDelete }) => retainOnDelete).map(({ values }) => values);
    expect(kept.length).toBeGreaterThan(0);
    const records: readonly string[] = Object.values(STORES);
    const others = kept.filter(({ metadata }) => !records.includes((metadata as { name: string }).name));
    expect(kept).toHaveLength(others.length + records.length);
    for (const object of others) expect(object).toMatchObject({ kind: 'ConfigMap', immutable: true });
    expect(run.resources.filter(({ protect, provider }) => protect || provider !== '')).toEqual([]);
  });
});

test('Pulumi refuses a password in plain text: the project declares as secret each that can be declared', () => {
  const declared = Object.entries(readProject().config).filter(([, { secret }]) => secret);
  // Pulumi wants all that is declared, also where releases are not guarded: so what the guard takes is not.
  expect(declared.map(([key]) => key).sort()).toEqual(['postgresPassword', 'redisPassword']);
});

test('an environment whose releases are not guarded wants nothing of the guard', async () => {
  const { redisPassword, postgresPassword } = PASSWORDS;
  const config = { set: JSON.stringify(['release.guard.mode=off']) };
  const run = await runProgram({ stack: 'dev', config, secrets: { redisPassword, postgresPassword } });
  expectSuccess(run);
  expect(run.resources.filter(({ name }) => /\/(guard|sluice-)/.test(name))).toEqual([]);
});

describe('a deploy that cannot be right registers nothing and says why in one message:', () => {
  const secrets = PASSWORDS;
  const withSet = (set: unknown) => ({ stack: 'prod', secrets, config: { set: JSON.stringify(set) } });

  test.each([
    ['an unknown stack', { stack: 'prd', secrets }, "The stack 'prd' must be an environment (dev, staging, prod); did"],
    ['no passwords', { stack: 'dev' }, 'misses redisPassword, postgresPassword, guardToken and probeKey; set with:'],
    ['one password', { stack: 'dev', secrets: { redisPassword: 'r' } }, '--secret sluice:postgresPassword'],
    [
      'a password unfit for an address',
      { stack: 'dev', secrets: { ...secrets, redisPassword: 'a@b' } },
      'redisPassword',
    ],
    ['a check that fails', withSet(['datastores.postgres.maxConnections=20']), 'pool-budget'],
    ['a path that does not exist', withSet(['rollout.surges=2']), "did you mean 'surge'?"],
    ['values that are no list', withSet('rollout.surge=2'), "pulumi config set --path 'sluice:set[0]'"],
    ['a digest that is none', { stack: 'dev', secrets, config: { imageDigest: 'latest' } }, 'image.digest'],
  ])('%s', async (_, options, message) => {
    const run = await runProgram(options);
    expect(run.resources).toEqual([]);
    expect(run.errors).toEqual([expect.stringContaining(message)]);
    expect(run.errors[0]).not.toMatch(/\n +at |a@b/);
    expect(run).toMatchObject({ exitCode: 32, finished: false });
  });
});

function expectSuccess(run: Run): void {
  expect(run).toMatchObject({ errors: [], warnings: [], exitCode: 0, finished: true, unknownCalls: [] });
}

function expectObjects({ resources }: Run, objects: readonly KubernetesObject[]): void {
  const wanted = objects.map((object) => ({ name: resourceName(object), values: object }));
  expect(sorted(resources.map(({ name, values }) => ({ name, values })))).toEqual(sorted(wanted));
}

function requireResource({ resources }: Run, kind: string, name: string): Run['resources'][number] {
  const found = resources.find((resource) => resource.values.kind === kind && resource.name === name);
  if (!found) throw new Error(`${kind} ${name} is not registered`);
  return found;
}

type Named = { readonly name: string; readonly values: Readonly<Record<string, unknown>> };

function sorted(items: readonly Named[]): readonly Named[] {
  const key = ({ name, values }: Named) => `${String(values.kind)} ${name}`;
  return [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
