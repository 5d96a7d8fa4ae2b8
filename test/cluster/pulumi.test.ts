import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkedSynthesis } from '../../infra/checked-synthesis.ts';
import { objectKey, secretObjects, type KubernetesObject } from '../../infra/synth/index.ts';
import { definition, withValues } from '../../service/definition/index.ts';
import { COMMIT, runProgram, type Run } from '../pulumi/run-program.ts';
import { PASSWORDS } from '../support/passwords.ts';
import { describeOnCluster } from './describe-on-cluster.ts';
import { kubectl, list } from './kubectl.ts';

const NAMESPACE = `sluice-test-${randomBytes(4).toString('hex')}`;
const SETTINGS = [`namespace=${NAMESPACE}`];

/** Kinds that nobody but their applier changes. */
const STILL = ['ConfigMap', 'NetworkPolicy', 'Secret', 'Service', 'ServiceAccount'];

describeOnCluster('the Pulumi program on a cluster', () => {
  let first: Deploy;

  beforeAll(async () => {
    first = await deploy();
  });
  afterAll(() => kubectl(NAMESPACE, ['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--wait=false']));

  test('has every object of the environment and its secrets accepted, each after what it needs', () => {
    const service = withValues(definition.dev, SETTINGS);
    const objects = [...checkedSynthesis(service, COMMIT).manifests, ...secretObjects(service, PASSWORDS)];

    expect(first.run).toMatchObject({ errors: [], exitCode: 0, finished: true, outputs: { namespace: NAMESPACE } });
    expect(first.live.map(objectKey).sort()).toEqual(objects.map(objectKey).sort());
  });

  test('brings the passwords into the Secrets that pods read', async () => {
    type Secret = { readonly metadata: { readonly name: string }; readonly data: Readonly<Record<string, string>> };
    const secrets = await list<Secret>(NAMESPACE, 'secrets');
    const decoded = Object.fromEntries(
      secrets.map(({ metadata, data }) => [
        metadata.name,
        Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()])),
      ]),
    );

    // Beside them those of exporters, which nobody chooses.
    expect(decoded).toMatchObject({
      postgres: { password: 'post-secret', url: 'postgres://sluice:post-secret@postgres:5432/sluice' },
      redis: { password: 'red-secret', url: 'redis://:red-secret@redis:6379' },
      'redis-cache': { password: 'red-secret', url: 'redis://:red-secret@redis-cache:6379' },
    });
  });

  test('changes nothing when it runs again', async () => {
    const second = await deploy();

    expect(second.run).toMatchObject({ errors: [], exitCode: 0 });
    expect(versions(second)).toEqual(versions(first));
  });
});

type Deploy = { readonly run: Run; readonly live: readonly KubernetesObject[] };

/** Runs the program with an engine that applies each object, strictly, and tells it what the cluster has then. */
async function deploy(): Promise<Deploy> {
  const live: KubernetesObject[] = [];
  const flags = ['--server-side', '--force-conflicts', '--field-manager=sluice-test', '--validate=strict'];
  const run = await runProgram({
    stack: 'dev',
    config: { set: JSON.stringify(SETTINGS) },
    secrets: PASSWORDS,
    async provision({ values }) {
      const applied = await kubectl(NAMESPACE, ['apply', ...flags, '-o', 'json', '-f', '-'], JSON.stringify(values));
      const object = JSON.parse(applied) as KubernetesObject;
      live.push(object);
      // A field that can only be written, such as stringData, is part of the state all the same.
      return { ...values, ...object };
    },
  });
  return { run, live };
}

function versions({ live }: Deploy): readonly string[] {
  const still = live.filter(({ kind }) => STILL.includes(kind));
  return still
    .map((object) => {
      const { resourceVersion } = object.metadata as { readonly resourceVersion?: string };
      return `${objectKey(object)} ${resourceVersion ?? 'has no version'}`;
    })
    .sort();
}
