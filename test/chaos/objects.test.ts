import { expect, test } from '@jest/globals';
import { chaosObjects } from '../../chaos/index.ts';
import { definition, withValues } from '../../service/definition/index.ts';

test('an environment without drills has no experiment', () => {
  expect(chaosObjects(definition.dev)).toEqual([]);
  expect(chaosObjects(definition.prod)).toEqual([]);
});

test('an environment that does not run the target of an experiment does not get it', () => {
  expect(chaosObjects(withValues(definition.staging, ['upstream.deploy=false']))).toEqual([]);
});

test('the upstream is slowed towards the gateway alone, once a month, for a limited time', () => {
  const pods = (component: string) => ({
    mode: 'all',
    selector: {
      namespaces: ['sluice-staging'],
      labelSelectors: { 'app.kubernetes.io/component': component },
    },
  });
  expect(chaosObjects(definition.staging)).toEqual([
    {
      apiVersion: 'chaos-mesh.org/v1alpha1',
      kind: 'Schedule',
      metadata: {
        name: 'upstream-slow',
        namespace: 'sluice-staging',
        labels: { 'app.kubernetes.io/managed-by': 'sluice', 'app.kubernetes.io/part-of': 'sluice' },
      },
      spec: {
        schedule: '0 10 1 * *',
        startingDeadlineSeconds: 600,
        concurrencyPolicy: 'Forbid',
        historyLimit: 12,
        type: 'NetworkChaos',
        networkChaos: {
          action: 'delay',
          ...pods('upstream'),
          direction: 'to',
          target: pods('gateway'),
          delay: { latency: '2s' },
          duration: '10m',
        },
      },
    },
  ]);
});

test('the schedule is that of the definition', () => {
  const [object] = chaosObjects(withValues(definition.staging, ['drills.schedule=30 4 * * 2']));
  expect(object).toMatchObject({ spec: { schedule: '30 4 * * 2' } });
});
