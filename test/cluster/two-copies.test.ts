import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { objectKey, synthesize, writeSyntheses, type KubernetesObject } from '../../infra/synth/index.ts';
import { copyOf } from '../support/copies.ts';
import { describeOnCluster } from './describe-on-cluster.ts';
import { kubectl } from './kubectl.ts';
import { poll } from './poll.ts';

const RUN = randomBytes(4).toString('hex');

// No pod is to run for it: whether two get along is seen before images are there.
const COPIES = ['orders', 'billing'].map((name) => {
  const service = copyOf('dev', name, `sluice-test-${name}-${RUN}`, 'image.pullPolicy=IfNotPresent');
  return { name, namespace: service.namespace, synthesis: synthesize(service) };
});

type Versioned = {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly generation?: number;
    readonly managedFields?: readonly { readonly manager: string; readonly subresource?: string }[];
  };
};

describeOnCluster('two services on one cluster', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-copies-'));
  const apply = (index: number): Promise<string> => {
    const copy = COPIES[index];
    if (!copy) throw new Error(`no copy ${index}`);
    writeSyntheses([copy.synthesis], join(folder, copy.name));
    return kubectl(copy.namespace, ['apply', '--server-side', '-k', join(folder, copy.name, 'dev')]);
  };

  beforeAll(async () => {
    for (const index of COPIES.keys()) await apply(index);
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    const names = COPIES.map(({ namespace }) => namespace);
    await kubectl('default', ['delete', 'namespace', ...names, '--ignore-not-found', '--wait=false']);
  });

  test.each(COPIES)('every object of $name is there, as its own', async ({ name, namespace, synthesis }) => {
    const [first, ...rest] = synthesis.manifests;
    const kinds = [...new Set(rest.map(({ apiVersion, kind }) => fullName(apiVersion, kind)))];
    const { items } = JSON.parse(await kubectl(namespace, ['get', kinds.join(','), '--output=json'])) as {
      items: KubernetesObject[];
    };
    const found = items.map(objectKey);

    expect(first).toMatchObject({ kind: 'Namespace', metadata: { name: namespace } });
    expect(rest.map(objectKey).filter((key) => !found.includes(key))).toEqual([]);
    for (const { metadata } of items.filter(({ metadata: { labels } }) => labels?.['app.kubernetes.io/managed-by']))
      expect(metadata.labels?.['app.kubernetes.io/part-of']).toBe(name);
  });

  test('the first is as it was after the second came: applied again, no object of it changes', async () => {
    const versions = async () => {
      const kinds = 'configmap,networkpolicy,resourcequota,limitrange,serviceaccount,service';
      const text = await kubectl(COPIES[0]?.namespace ?? '', ['get', kinds, '--output=json', '--show-managed-fields']);
      const { items } = JSON.parse(text) as { items: Versioned[] };
      return items.map(({ kind, metadata: { name, generation = 0, managedFields = [] } }) => ({
        object: `${kind}/${name}`,
        generation,
        // Controllers write the status whenever they like.
        managers: managedFields.filter(({ subresource }) => subresource === undefined).map(({ manager }) => manager),
      }));
    };
    const before = await versions();

    await apply(0);

    expect(await versions()).toEqual(before);
  });

  test.each(COPIES)('the pods of $name are admitted beside those of the other', async ({ namespace, synthesis }) => {
    const wanted = synthesis.manifests.filter(({ kind }) => ['Deployment', 'StatefulSet'].includes(kind)).length;

    await poll(60_000, async () => {
      const pods = await kubectl(namespace, ['get', 'pods', '--output=name']);
      const refused = await kubectl(namespace, [
        'get',
        'events',
        '--field-selector=reason=FailedCreate',
        '--output=name',
      ]);
      if (refused.trim() !== '') throw new Error(`refused: ${refused}`);
      if (pods.trim().split('\n').length < wanted) throw new Error(`${pods} are not all of ${wanted}`);
    });
  });
});

/** The name by which a kind cannot be taken for another: `Deployment.v1.apps`. */
function fullName(apiVersion: string, kind: string): string {
  const [group, version] = apiVersion.split('/');
  return version === undefined ? kind : `${kind}.${version}.${group}`;
}
