import { describe, expect, test } from '@jest/globals';
import { chaosObjects, EXPERIMENTS, oneShot, type ChaosMeshFault } from '../../../chaos/index.ts';
import { definition, withValues, type Service } from '../../../service/definition/index.ts';
import { field } from '../../charts/render.ts';
import { meshRow, row } from './rows.ts';

const { staging } = definition;
const PROD: Service = { ...definition.prod, drills: staging.drills };
const SLOW: ChaosMeshFault = {
  kind: 'NetworkChaos',
  on: 'upstream',
  to: 'gateway',
  action: 'delay',
  latency: '2s',
};

const pods = (component: string, mode: string) => ({
  mode,
  selector: {
    namespaces: ['sluice-staging'],
    labelSelectors: { 'app.kubernetes.io/component': component },
  },
});

/** The fault of a row as its own object, without what all have in common. */
function specOf(fault: ChaosMeshFault): unknown {
  const { spec } = oneShot(meshRow(fault), staging, { id: 'one', deadline: 60_000 });
  const { duration, ...rest } = spec;
  expect(duration).toBe('1m');
  return rest;
}

describe('experiments for Chaos Mesh', () => {
  const objects = chaosObjects(staging);

  test('are those that it can do, of what the environment runs', () => {
    const able = EXPERIMENTS.filter(({ means, fits }) => means.chaosMesh && fits(staging)).map(({ id }) => id);
    expect(objects.map(({ metadata }) => metadata.name)).toEqual(able);
    expect(able.length).toBeGreaterThan(8);
    expect(chaosObjects(staging, [row({ local: { kind: 'log-stuck' } })])).toEqual([]);
    expect(chaosObjects(staging, [meshRow(SLOW, { fits: () => false })])).toEqual([]);
  });

  test('are none where drills are off', () => {
    expect(chaosObjects(definition.dev)).toEqual([]);
    expect(chaosObjects(definition.prod)).toEqual([]);
  });

  test('are refused for production, whatever its definition says', () => {
    expect(() => chaosObjects(PROD)).toThrow('prod is never broken on purpose');
    expect(() => oneShot(meshRow(SLOW), PROD, { id: 'one', deadline: 1000 })).toThrow('prod is never broken');
  });

  test('start by nobody but the drill: each is a paused schedule of one run at a time, which no late controller catches up', () => {
    for (const object of objects) {
      expect(object).toMatchObject({
        apiVersion: 'chaos-mesh.org/v1alpha1',
        kind: 'Schedule',
        metadata: {
          namespace: 'sluice-staging',
          labels: { 'app.kubernetes.io/managed-by': 'sluice', 'app.kubernetes.io/part-of': 'sluice' },
          annotations: { 'experiment.chaos-mesh.org/pause': 'true' },
        },
        spec: {
          schedule: staging.drills.schedule,
          startingDeadlineSeconds: 600,
          historyLimit: 12,
          concurrencyPolicy: 'Forbid',
          type: 'Workflow',
        },
      });
      expect(object.metadata.labels['sluice/experiment']).toBe(object.metadata.name);
    }
  });

  test('touch pods of their own namespace alone', () => {
    const service = withValues(staging, ['namespace=another']);
    const selectors = everyValueOf(chaosObjects(service), 'selector');

    expect(selectors.length).toBeGreaterThan(objects.length);
    for (const selector of selectors) {
      expect(selector).toMatchObject({ namespaces: ['another'] });
      expect(Object.keys(field(selector, 'labelSelectors') as object)).toEqual(['app.kubernetes.io/component']);
    }
  });

  test('hold no duration inside a workflow, where it is refused, and a deadline on every step', () => {
    expect(everyValueOf(objects, 'duration')).toEqual([]);
    for (const { spec } of objects) {
      for (const template of field(spec, 'workflow.templates') as object[])
        expect(template).toMatchObject({ deadline: expect.stringMatching(/^\d+(ms|s|m|h)$/) as unknown });
    }
  });

  test('name steps that are there, each once', () => {
    for (const { spec } of objects) {
      const templates = field(spec, 'workflow.templates') as { readonly name: string; readonly children?: string[] }[];
      const names = templates.map(({ name }) => name);
      const used = [field(spec, 'workflow.entry'), ...templates.flatMap(({ children = [] }) => children)];
      expect(new Set(names).size).toBe(names.length);
      expect([...used].sort()).toEqual([...names].sort());
    }
  });

  test('follow the schedule of the definition', () => {
    const [object] = chaosObjects(withValues(staging, ['drills.schedule=30 4 * * 2']));
    expect(object).toMatchObject({ spec: { schedule: '30 4 * * 2' } });
  });
});

test('a workflow looks before, meanwhile and after, and ends with the first look that fails', () => {
  const [object] = chaosObjects(staging, [meshRow(SLOW)]);
  const check = (mode: string, failureThreshold: number) => ({
    mode,
    type: 'HTTP',
    intervalSeconds: 5,
    timeoutSeconds: 2,
    failureThreshold,
    http: { url: 'http://gateway.sluice-staging.svc:8080/health', criteria: { statusCode: '200' } },
  });
  const step = { templateType: 'StatusCheck', abortWithStatusCheck: true };

  expect(field(object, 'spec.workflow')).toEqual({
    entry: 'experiment',
    templates: [
      {
        name: 'experiment',
        templateType: 'Serial',
        deadline: '390s',
        children: ['steady-before', 'broken', 'steady-after'],
      },
      {
        name: 'steady-before',
        ...step,
        deadline: '40s',
        statusCheck: { ...check('Synchronous', 1), successThreshold: 3 },
      },
      { name: 'broken', templateType: 'Parallel', deadline: '4m', children: ['fault', 'steady-during'] },
      {
        name: 'fault',
        templateType: 'NetworkChaos',
        deadline: '4m',
        networkChaos: {
          action: 'delay',
          ...pods('upstream', 'all'),
          direction: 'to',
          target: pods('gateway', 'all'),
          delay: { latency: '2s' },
        },
      },
      { name: 'steady-during', ...step, deadline: '4m', statusCheck: check('Continuous', 3) },
      {
        name: 'steady-after',
        ...step,
        // The longest that the chain gives anything to be well again, and the time that a verdict takes.
        deadline: '110s',
        statusCheck: { ...check('Synchronous', 22), successThreshold: 3 },
      },
    ],
  });
});

test('each path that must answer is a step of its own', () => {
  const [object] = chaosObjects(staging, [
    meshRow(SLOW, { steadyState: { queries: () => ({}), http: ['/health', '/docs'] } }),
  ]);
  const [experiment, first, second] = field(object, 'spec.workflow.templates') as object[];

  expect(experiment).toMatchObject({
    children: ['steady-before-1', 'steady-before-2', 'broken', 'steady-after-1', 'steady-after-2'],
  });
  expect([first, second].map((each) => field(each, 'statusCheck.http.url'))).toEqual([
    'http://gateway.sluice-staging.svc:8080/health',
    'http://gateway.sluice-staging.svc:8080/docs',
  ]);
});

describe('a fault of Chaos Mesh', () => {
  test('kills one pod, or has all of a component fail', () => {
    expect(specOf({ kind: 'PodChaos', on: 'gateway', action: 'pod-kill' })).toEqual({
      action: 'pod-kill',
      ...pods('gateway', 'one'),
    });
    expect(specOf({ kind: 'PodChaos', on: 'redis', action: 'pod-failure' })).toEqual({
      action: 'pod-failure',
      ...pods('redis', 'all'),
    });
  });

  test('of the network stands between two components, so that probes are not touched', () => {
    const between = { ...pods('redis', 'all'), target: pods('gateway', 'all') };
    const network = { kind: 'NetworkChaos', on: 'redis', to: 'gateway' } as const;
    expect(specOf({ ...network, action: 'delay', latency: '1500ms' })).toEqual({
      action: 'delay',
      ...between,
      direction: 'to',
      delay: { latency: '1500ms' },
    });
    expect(specOf({ ...network, action: 'loss', loss: '7%' })).toEqual({
      action: 'loss',
      ...between,
      direction: 'to',
      loss: { loss: '7', correlation: '0' },
    });
    expect(specOf({ ...network, action: 'partition' })).toEqual({
      action: 'partition',
      ...between,
      direction: 'both',
    });
  });

  test('changes the status of answers, and does not merely look for it', () => {
    expect(specOf({ kind: 'HTTPChaos', on: 'upstream', port: 8081, code: 429 })).toEqual({
      ...pods('upstream', 'all'),
      target: 'Response',
      port: 8081,
      replace: { code: 429 },
    });
  });

  test('stresses one pod, moves the clock of one, and hides names from all', () => {
    expect(specOf({ kind: 'StressChaos', on: 'gateway', cpu: { workers: 2, load: 90 } })).toEqual({
      ...pods('gateway', 'one'),
      stressors: { cpu: { workers: 2, load: 90 } },
    });
    expect(specOf({ kind: 'StressChaos', on: 'gateway', memory: { workers: 1, size: '256MB' } })).toEqual({
      ...pods('gateway', 'one'),
      stressors: { memory: { workers: 1, size: '256MB' } },
    });
    expect(specOf({ kind: 'TimeChaos', on: 'gateway', offset: '-10m' })).toEqual({
      ...pods('gateway', 'one'),
      timeOffset: '-10m',
    });
    expect(specOf({ kind: 'DNSChaos', on: 'gateway', patterns: ['*'] })).toEqual({
      action: 'error',
      ...pods('gateway', 'all'),
      patterns: ['*'],
    });
  });

  test('without what makes it one is refused', () => {
    const network = { kind: 'NetworkChaos', on: 'redis', to: 'gateway' } as const;
    expect(() => specOf({ ...network, action: 'delay' })).toThrow('lacks the latency');
    expect(() => specOf({ ...network, action: 'loss' })).toThrow('lacks the share');
  });
});

describe('one fault, for the drill', () => {
  test('ends at its deadline and with its owner, and says what it belongs to', () => {
    const owner = { apiVersion: 'v1', kind: 'Pod', name: 'drill-x', uid: '6f1c' };
    expect(
      oneShot(meshRow(SLOW), staging, {
        id: 'sample-7',
        deadline: 95_000,
        owner,
        labels: { 'sluice/drill-wish': '7' },
      }),
    ).toMatchObject({
      apiVersion: 'chaos-mesh.org/v1alpha1',
      kind: 'NetworkChaos',
      metadata: {
        name: 'sample-7',
        namespace: 'sluice-staging',
        labels: {
          'app.kubernetes.io/managed-by': 'sluice',
          'app.kubernetes.io/part-of': 'sluice',
          'sluice/experiment': 'sample',
          'sluice/drill-wish': '7',
        },
        ownerReferences: [owner],
      },
      spec: { action: 'delay', duration: '95s' },
    });
  });

  test('is refused where drills are off, and of an experiment that Chaos Mesh cannot do', () => {
    const one = { id: 'one', deadline: 1000 };
    expect(() => oneShot(meshRow(SLOW), definition.dev, one)).toThrow('drills.enabled is false in dev');
    expect(() => oneShot(row({ local: { kind: 'log-stuck' } }), staging, one)).toThrow('no means of Chaos Mesh');
  });
});

/** Every value under a name, at any depth. */
function everyValueOf(value: unknown, name: string): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(key === name ? [inner as unknown] : []),
    ...everyValueOf(inner, name),
  ]);
}
