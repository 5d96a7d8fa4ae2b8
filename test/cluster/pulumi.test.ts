import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { checkedSynthesis } from '../../infra/checked-synthesis.ts';
import { findCommit, objectKey, secretObjects, type KubernetesObject } from '../../infra/synth/index.ts';
import { definition, withValues } from '../../service/definition/index.ts';
import { applyToCluster, kubectl } from '../pulumi/apply.ts';
import type { Provision } from '../pulumi/engine.ts';
import { runProgram, type Run } from '../pulumi/run-program.ts';

const PASSWORDS = { redisPassword: 'red-secret', postgresPassword: 'post-secret' };
const NAMESPACE = `pulumi-${randomBytes(4).toString('hex')}`;
const SETTINGS = [`namespace=${NAMESPACE}`];

/** Kinds that nobody but their applier changes. */
const STILL = ['ConfigMap', 'NetworkPolicy', 'Secret', 'Service', 'ServiceAccount'];

const cluster = process.env.KUBECONFIG ?? '';
if (cluster === '' && process.env.CI === 'true') throw new Error('KUBECONFIG names no cluster, which CI must have');
if (cluster === '') console.log('skipped: the Pulumi program on a cluster, for want of one in KUBECONFIG');

(cluster === '' ? describe.skip : describe)('the Pulumi program on a cluster', () => {
  const live: KubernetesObject[] = [];
  let first: Run;

  const run = () => {
    const provision: Provision = async (registration) => {
      const state = await applyToCluster(registration);
      live.push(state as KubernetesObject);
      return state;
    };
    return runProgram({ stack: 'dev', config: { set: JSON.stringify(SETTINGS) }, secrets: PASSWORDS, provision });
  };

  beforeAll(async () => {
    first = await run();
  }, 180_000);

  afterAll(() => kubectl(['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--timeout=180s']), 200_000);

  test('has every object of the environment and its secrets accepted, each after what it needs', () => {
    expect(first).toMatchObject({ errors: [], exitCode: 0, finished: true, outputs: { namespace: NAMESPACE } });
    const service = withValues(definition.dev, SETTINGS);
    const objects = [...checkedSynthesis(service, findCommit()).manifests, ...secretObjects(service, PASSWORDS)];
    expect(live.map(objectKey).sort()).toEqual(objects.map(objectKey).sort());
  });

  test('brings the passwords into the Secrets that pods read', async () => {
    const printed = await kubectl(['get', 'secret', 'redis', 'postgres', '--namespace', NAMESPACE, '--output=json']);
    const { items } = JSON.parse(printed) as { items: { data: Record<string, string> }[] };
    const decode = (data: Record<string, string>) =>
      Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
    expect(items.map(({ data }) => decode(data))).toEqual([
      { password: 'red-secret' },
      { password: 'post-secret', url: 'postgres://sluice:post-secret@postgres:5432/sluice' },
    ]);
  });

  test('changes nothing when it runs again', async () => {
    const versions = () =>
      live
        .splice(0)
        .filter(({ kind }) => STILL.includes(kind))
        .map((object) => [objectKey(object), (object.metadata as { resourceVersion?: string }).resourceVersion])
        .sort();
    const before = versions();
    expect(await run()).toMatchObject({ errors: [], exitCode: 0 });
    expect(versions()).toEqual(before);
  }, 180_000);
});
