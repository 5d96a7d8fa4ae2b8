import { describe, expect, test } from '@jest/globals';
import { dropped } from '../../infra/dropped.ts';
import { dryRunFindings } from '../../infra/dry-run.ts';
import { INVARIANTS } from '../../infra/invariants/index.ts';
import { definition, withValues } from '../../service/definition/index.ts';
import { sluice } from './sluice.ts';

const ALL = INVARIANTS.length;
const FULL = ['check', '--env', 'prod', '--set', 'datastores.postgres.maxConnections=20'];

/** Without the lines that tell what an environment goes without. */
const withoutDropped = (text: string): string => text.replaceAll(/^ +without .*\n/gm, '');

test.each([[[]], [['--all']]])('check %j passes for every environment', (args) => {
  const run = sluice(['check', ...args]);
  expect({ ...run, stdout: withoutDropped(run.stdout) }).toEqual({
    code: 0,
    stdout:
      `dev      ${ALL} of ${ALL} invariants hold\n` +
      `staging  ${ALL} of ${ALL} invariants hold\n` +
      `prod     ${ALL} of ${ALL} invariants hold\n`,
    stderr: '',
  });
});

test('a value that breaks a rule is told with rule, layers, both numbers and the change that mends it', () => {
  const run = sluice(FULL);
  expect(withoutDropped(run.stdout)).toBe(`prod  ${ALL - 1} of ${ALL} invariants hold

pool-budget (prod) joins autoscaler, rollout, gateway, Postgres, Redis; broken at datastores.postgres.maxConnections
  6 HPA max + 3 surge of a restore + 1 draining + 1 baseline + 1 withdrawn = 12 pods × (4 + 2 critical + 2 + 1 background) = 108 + 10 reserved = 118 > 20 maxConnections
  why: The autoscaler and a rollout multiply every pool. At the peak, when both are at work, a store that is full refuses connections to the pods that were to help.
  fix: --set datastores.postgres.maxConnections=118

A value is tried with --set, and kept by writing it into service/definition/service.ts.
`);
  expect(run).toMatchObject({ code: 1, stderr: '' });
});

test('alerts and panels that nobody would fill are left out, and told with whom it would take', () => {
  const bare = sluice(['check', '--env', 'dev']);
  expect(bare).toMatchObject({ code: 0, stderr: '' });
  expect(bare.stdout).toMatch(
    /^ +without kube-state-metrics \(monitoring\.cluster\.kubeStateMetrics would say where it is\): no alerts .*AutoscalerAtMax.*; no panels .*autoscaler/m,
  );
  const place = 'monitoring.cluster.kubeStateMetrics=kube-state-metrics.monitoring.svc:8080';
  const told = sluice(['check', '--env', 'dev', '--set', place]);
  expect(told).toMatchObject({ code: 0, stderr: '' });
  expect(told.stdout).not.toContain('AutoscalerAtMax');
  expect(sluice(['check', '--env', 'prod']).stdout).not.toContain('kube-state-metrics');
});

test('what check proposes can be pasted behind it', () => {
  const proposal = /fix: (.+)/.exec(sluice(FULL).stdout)?.[1] ?? '';
  expect(sluice([...FULL, ...proposal.split(' ')]).code).toBe(0);
});

test('several values are tried together, in one --set or in several', () => {
  const expected = { code: 0, stderr: '' };
  const values = ['scaling.max=7', 'datastores.postgres.maxConnections=127'];
  expect(sluice(['check', '--env', 'prod', '--set', ...values])).toMatchObject(expected);
  expect(sluice(['check', '--env', 'prod', ...values.flatMap((value) => ['--set', value])])).toMatchObject(expected);
  expect(sluice(['check', '--env', 'prod', '--set', values[0] ?? '']).code).toBe(1);
});

test('--json is for machines: the same exit code, numbers as numbers, nothing else on stdout', () => {
  const run = sluice([...FULL, '--json']);
  expect(run).toMatchObject({ code: 1, stderr: '' });
  expect(JSON.parse(run.stdout)).toEqual({
    environments: [
      {
        environment: 'prod',
        invariants: ALL,
        holding: ALL - 1,
        dropped: dropped(definition.prod),
        findings: [
          expect.objectContaining({
            rule: 'pool-budget',
            environment: 'prod',
            path: 'datastores.postgres.maxConnections',
            numbers: { left: 118, right: 20, required: '<=', unit: 'connections' },
            fixes: [{ settings: ['datastores.postgres.maxConnections=118'] }],
          }),
        ],
      },
    ],
  });
  expect(JSON.parse(sluice(['check', '--json']).stdout)).toMatchObject({
    environments: [{ findings: [] }, { findings: [] }, { findings: [] }],
  });
});

test('colour needs a terminal, and NO_COLOR takes it away', () => {
  const escape = String.fromCharCode(27);
  expect(sluice(FULL).stdout).not.toContain(escape);
  expect(sluice(FULL, { env: { FORCE_COLOR: '1' } }).stdout).toContain(escape);
  expect(sluice(FULL, { env: { NO_COLOR: '1' } }).stdout).not.toContain(escape);
});

describe('a guard that decides and does nothing', () => {
  const dryRun = (until: string) =>
    sluice(['check', '--env', 'prod', '--set', 'release.guard.mode=dry-run', `release.guard.until=${until}`]);

  test('is told with its last day', () => {
    const run = dryRun('2999-12-31');
    expect(run.stdout).toContain('dry run of the guard until 2999-12-31: a bad release is told of and not withdrawn');
    expect(run.code).toBe(0);
  });

  test('is a finding after that day, and breaks no invariant', () => {
    const run = dryRun('2020-01-31');
    expect(run.stdout).toContain(`${ALL} of ${ALL} invariants hold`);
    expect(run.stdout).toContain('is after 2020-01-31, the last day of the dry run of the guard');
    expect(run.stdout).toContain("write release.guard.mode 'act'");
    expect(run.code).toBe(1);
  });

  test('lasts to the end of that day', () => {
    const service = withValues(definition.prod, ['release.guard.mode=dry-run', 'release.guard.until=2027-01-31']);
    expect(dryRunFindings(service, new Date('2027-01-31T23:59:59Z'))).toEqual([]);
    expect(dryRunFindings(service, new Date('2027-02-01T00:00:00Z'))).toHaveLength(1);
  });
});
