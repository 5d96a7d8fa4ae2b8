import { expect, test } from '@jest/globals';
import type { ApiReader, LiveObject } from '../../infra/cluster/index.ts';
import { findRetiredConfiguration } from '../../infra/cluster/retired-configuration.ts';
import type { KubernetesObject } from '../../infra/synth/index.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const OLD = '2026-03-01T10:59:00Z';
const labels = { 'app.kubernetes.io/managed-by': 'sluice', 'app.kubernetes.io/part-of': 'shop' };

test('configuration is retired once nothing names it that is there or can come back', async () => {
  const live = [
    configMap('in-definition'),
    configMap('of-a-pod'),
    configMap('of-the-history'),
    configMap('of-a-job'),
    configMap('of-nobody'),
    configMap('just-made', { creationTimestamp: '2026-03-01T11:30:00Z' }),
    configMap('of-another', { labels: { ...labels, 'app.kubernetes.io/part-of': 'else' } }),
    { ...configMap('kube-root-ca.crt'), immutable: undefined },
    { ...object('Pod', 'a'), spec: { volumes: [{ configMap: { name: 'of-a-pod' } }] } },
    {
      ...object('ReplicaSet', 'b', 'apps/v1'),
      spec: {
        template: { spec: { volumes: [{ projected: { sources: [{ configMap: { name: 'of-the-history' } }] } }] } },
      },
    },
    {
      ...object('CronJob', 'c', 'batch/v1'),
      spec: { jobTemplate: { spec: { containers: [{ envFrom: [{ configMapRef: { name: 'of-a-job' } }] }] } } },
    },
  ] as LiveObject[];
  const wanted = [configMap('in-definition'), configMap('not-yet-there')];

  const retired = await findRetiredConfiguration(readerOf(live), wanted, 'shop', NOW);

  expect(retired.map(({ metadata }) => metadata.name)).toEqual(['of-nobody']);
});

test('an environment without configuration of its own retires none', async () => {
  expect(await findRetiredConfiguration(readerOf([configMap('a')]), [object('Pod', 'b')], 'shop', NOW)).toEqual([]);
});

function object(kind: string, name: string, apiVersion = 'v1'): KubernetesObject {
  return { apiVersion, kind, metadata: { name, namespace: 'shop', labels } };
}

function configMap(name: string, metadata: object = {}): LiveObject {
  const plain = object('ConfigMap', name);
  return {
    ...plain,
    metadata: { ...plain.metadata, creationTimestamp: OLD, ...metadata },
    immutable: true,
  };
}

function readerOf(live: readonly LiveObject[]): ApiReader {
  const reader: Partial<ApiReader> = {
    list: ({ kind }) => Promise.resolve(live.filter((each) => each.kind === kind)),
  };
  return reader as ApiReader;
}
