import { describe, expect, test } from '@jest/globals';
import { chaosToolkitExperiments, chaosToolkitFiles, EXPERIMENTS, type Experiment } from '../../../chaos/index.ts';
import { putFaultSchema } from '../../../chaos/faults/control/wire.ts';
import { chaosToolkitSchema } from '../../../chaos/exports/chaos-toolkit/schema.ts';
import { definition, type Service } from '../../../service/definition/index.ts';
import { METRICS } from '../../../service/telemetry/catalogue.ts';
import { runRecordings } from '../../alerts/rule-test.ts';
import { series } from '../../alerts/samples.ts';
import { testWith } from '../../alerts/tools.ts';
import { field } from '../../charts/render.ts';
import { meshRow, row } from './rows.ts';

const { staging } = definition;
const PROD: Service = { ...definition.prod, drills: staging.drills };
const KILL = meshRow({ kind: 'PodChaos', on: 'gateway', action: 'pod-kill' });
const REFUSE = row({ local: { kind: 'proxy', on: ['redis', 'postgres'], fault: { kind: 'refuse' } } });

function exported(experiment: Experiment) {
  const [found, ...others] = chaosToolkitExperiments(staging, [experiment]);
  if (!found || others.length > 0) throw new Error('one export was expected');
  return found;
}

describe('experiments for Chaos Toolkit', () => {
  const shipped = chaosToolkitExperiments(staging);

  test('are those that a command or a request can inject, valid by the schema of its documentation', () => {
    const able = EXPERIMENTS.filter(
      ({ fits, means }) => fits(staging) && (means.chaosMesh ?? means.local?.kind === 'proxy'),
    );
    expect(shipped.map(({ id }) => id)).toEqual(able.map(({ id }) => id));
    expect(shipped.length).toBeGreaterThan(8);
    for (const { experiment } of shipped)
      expect(chaosToolkitSchema.parse(JSON.parse(JSON.stringify(experiment)))).toEqual(experiment);
    expect(chaosToolkitExperiments(staging, [row({ local: { kind: 'log-stuck' } })])).toEqual([]);
  });

  test('are none where drills are off, and refused for production', () => {
    expect(chaosToolkitExperiments(definition.dev)).toEqual([]);
    expect(chaosToolkitFiles(definition.prod).size).toBe(0);
    expect(() => chaosToolkitExperiments(PROD)).toThrow('prod is never broken on purpose');
  });

  test('take the fault back inside the method, before the state after is looked at, and once more whatever happens', () => {
    for (const { experiment } of shipped) {
      const { method, rollbacks, runtime } = experiment;
      expect(runtime).toEqual({ rollbacks: { strategy: 'always' } });
      expect(rollbacks).toHaveLength(1);
      expect(method.at(-1)).toMatchObject({ type: 'action', provider: rollbacks[0]?.provider });
    }
  });

  test('say what they are', () => {
    const { experiment } = exported(KILL);
    expect(experiment).toMatchObject({
      version: '1.0.0',
      title: 'sluice, staging: sample',
      description: 'Nothing happens. What it touches: Nobody.',
      tags: ['sluice', 'staging', 'chaos-mesh'],
    });
  });
});

describe('the steady state', () => {
  const probes = exported(KILL).experiment['steady-state-hypothesis'].probes;
  const variables = exported(KILL).experiment.configuration;

  test('asks the gateway, where the environment has it unless another place is named', () => {
    expect(probes[0]).toMatchObject({
      provider: { type: 'http', url: '${gateway_url}/health', timeout: 5 },
      tolerance: 200,
    });
    expect(variables.gateway_url).toEqual({
      type: 'env',
      key: 'GATEWAY_URL',
      default: 'http://gateway.sluice-staging.svc:8080',
    });
  });

  test('asks Prometheus for what is wrong, and tolerates no result that is not 0', () => {
    expect(probes[1]).toEqual({
      type: 'probe',
      name: 'no things that are wrong',
      provider: {
        type: 'http',
        method: 'GET',
        url: '${prometheus_url}/api/v1/query',
        arguments: { query: 'count(abs(up == bool 0) > 0) or vector(0)' },
        timeout: 5,
      },
      tolerance: { type: 'jsonpath', target: 'body', path: '$.data.result[*].value[1]', expect: ['0'] },
    });
  });

  test('has no alert, but for those that always fire, that a drill ends, or that it trips by what it spends', () => {
    const query = field(probes[2], 'provider.arguments.query') as string;
    const [, silent = ''] =
      /^count\(abs\(ALERTS{alertstate="firing",namespace="sluice-staging",alertname!~"([^"]*)"}\) > 0\) or vector\(0\)$/.exec(
        query,
      ) ?? [];

    expect(silent.split('|')).toEqual(expect.arrayContaining(['Watchdog', 'DrillMissed', 'ErrorsBurnFast']));
    expect(silent).not.toMatch(/GatewayDown|BreakerOpen|RedisDown|GatewayErrorsHigh/);
  });
});

testWith('promtool', 'a query of the steady state is 0 where nothing is wrong, and not where something is', () => {
  const experiment = exported(KILL).experiment['steady-state-hypothesis'].probes[1];
  const expression = field(experiment, 'provider.arguments.query') as string;
  const up = series(staging.namespace, METRICS.up, {}, '1x8 0x8');
  const { output } = runRecordings(staging, up, [
    { at: '1m', expression, samples: { '{}': 0 } },
    { at: '3m', expression, samples: { '{}': 1 } },
  ]);
  expect(output).toContain('SUCCESS');
});

describe('a fault', () => {
  test('of Chaos Mesh is an object beside the experiment, which kubectl creates and deletes, and which ends by itself', () => {
    const { experiment, fault } = exported(KILL);
    const kubectl = (...words: string[]) => ({ type: 'process', path: 'kubectl', arguments: words, timeout: 60 });
    const away = kubectl('delete', '--ignore-not-found', '--timeout=55s', '--filename=faults/sample.json');

    expect(experiment.method).toEqual([
      {
        type: 'action',
        name: 'inject the fault',
        provider: kubectl('create', '--filename=faults/sample.json'),
        pauses: { after: 240 },
      },
      expect.objectContaining({ type: 'probe', name: 'BreakerOpen fires' }),
      // The longest that the chain gives anything to be well again, and a few scrapes.
      { type: 'action', name: 'take the fault back, and wait', provider: away, pauses: { after: 120 } },
    ]);
    expect(experiment.rollbacks).toEqual([{ type: 'action', name: 'take the fault back', provider: away }]);
    expect(fault).toMatchObject({
      kind: 'PodChaos',
      metadata: { name: 'sample', namespace: 'sluice-staging' },
      spec: { action: 'pod-kill', duration: '5m' },
    });
  });

  test('of a fault proxy is a request to it, with the time after which it ends by itself', () => {
    const { experiment, fault } = exported(REFUSE);
    const [first, second] = experiment.method;

    expect(fault).toBeUndefined();
    expect(experiment.tags).toContain('fault-proxy');
    expect(first).toEqual({
      type: 'action',
      name: 'inject the fault into redis',
      provider: {
        type: 'http',
        method: 'PUT',
        url: '${fault_proxy_url}/faults/redis',
        headers: { Authorization: 'Bearer ${fault_proxy_key}', 'Content-Type': 'application/json' },
        arguments: { fault: { kind: 'refuse' }, ttl: 300 },
        timeout: 60,
      },
    });
    expect(second).toMatchObject({ provider: { url: '${fault_proxy_url}/faults/postgres' }, pauses: { after: 240 } });
    expect(putFaultSchema.parse(field(first, 'provider.arguments'))).toEqual(field(first, 'provider.arguments'));
    expect(experiment.rollbacks[0]?.provider).toMatchObject({ method: 'DELETE', url: '${fault_proxy_url}/faults' });
  });

  test('stands in a file that the experiment names', () => {
    const files = chaosToolkitFiles(staging);
    const named = [...files].flatMap(([, content]) =>
      [...JSON.stringify(content).matchAll(/--filename=([^"]+)/g)].map(([, file = '']) => file),
    );
    expect(named.length).toBeGreaterThan(8);
    for (const file of named) expect(files.has(file)).toBe(true);
    expect(files.get('settings.yaml')).toEqual({ runtime: { rollbacks: { strategy: 'always' } } });
  });
});

describe('the schema refuses', () => {
  const valid = () => structuredClone(exported(KILL).experiment) as unknown as Record<string, never>;
  const change: Readonly<Record<string, (written: Record<string, never>) => unknown>> = {
    'no description': (written) => delete written.description,
    'an empty title': (written) => Object.assign(written, { title: ' ' }),
    'another version': (written) => Object.assign(written, { version: '0.1.0' }),
    'no steady state': (written) => delete written['steady-state-hypothesis'],
    'a probe without tolerance': (written) => delete at(written, 'steady-state-hypothesis.probes.0').tolerance,
    'a tolerance of an unknown type': (written) =>
      Object.assign(at(written, 'steady-state-hypothesis.probes.1.tolerance'), { type: 'jq' }),
    'a tolerance with a path that is none': (written) =>
      Object.assign(at(written, 'steady-state-hypothesis.probes.1.tolerance'), { path: 'data.result' }),
    'an action among the probes': (written) =>
      Object.assign(at(written, 'steady-state-hypothesis.probes.0'), { type: 'action' }),
    'no method': (written) => delete written.method,
    'an empty method': (written) => Object.assign(written, { method: [] }),
    'a provider that runs code': (written) =>
      Object.assign(at(written, 'method.0'), { provider: { type: 'python', module: 'os', func: 'remove' } }),
    'a command line in one string': (written) =>
      Object.assign(at(written, 'method.0.provider'), { arguments: 'create; rm -rf /' }),
    'a command without an end': (written) => delete at(written, 'method.0.provider').timeout,
    'no rollbacks': (written) => delete written.rollbacks,
    'rollbacks that do nothing': (written) => Object.assign(written, { rollbacks: [] }),
    'rollbacks that may be skipped': (written) =>
      Object.assign(at(written, 'runtime.rollbacks'), { strategy: 'default' }),
    'a strategy that nobody has said': (written) => delete written.runtime,
    'a pause that is no number': (written) => Object.assign(at(written, 'method.0'), { pauses: { after: '4m' } }),
    'a variable that nobody configures': (written) =>
      Object.assign(at(written, 'steady-state-hypothesis.probes.0.provider'), { url: '${gateway}/health' }),
    'two activities of one name': (written) => Object.assign(at(written, 'rollbacks.0'), { name: 'inject the fault' }),
    'a field that nobody knows': (written) => Object.assign(written, { rollback: [] }),
  };

  test.each(Object.entries(change))('%s', (_name, spoil) => {
    const written = valid();
    expect(chaosToolkitSchema.safeParse(written).success).toBe(true);
    spoil(written);
    expect(chaosToolkitSchema.safeParse(written).success).toBe(false);
  });
});

function at(written: object, path: string): Record<string, never> {
  return field(written, path) as Record<string, never>;
}
