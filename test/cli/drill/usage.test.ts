import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { EXPERIMENTS } from '../../../chaos/index.ts';
import { hasStack, inFolder, sluice, type Run } from '../sluice.ts';

/** Tells what would be done where every server is installed; a dry run starts none of them. */
function dryRun(...args: readonly string[]): Run {
  return inFolder((folder) => {
    for (const name of SERVERS) writeFileSync(join(folder, name), '', { mode: 0o755 });
    return sluice(['drill', '--dry-run', ...args], { env: { PATH: folder } });
  });
}

const SERVERS = ['redis-server', 'prometheus', 'alertmanager', 'redis_exporter', 'postgres_exporter'];

describe('wrong usage', () => {
  test.each<readonly [string, readonly string[], RegExp]>([
    [
      'neither one experiment nor all',
      ['drill'],
      /^error: say --experiment and one of these, or --all:\n( {2}[a-z0-9-]+\n)+$/,
    ],
    [
      'an experiment that there is not',
      ['drill', '--experiment', 'upstream-slwo'],
      /there is no experiment 'upstream-slwo'; did you mean 'upstream-slow'\?/,
    ],
    [
      'one experiment and all',
      ['drill', '--all', '--experiment', 'upstream-slow'],
      /cannot be used with option '--all'/,
    ],
    ['a seed that is none', ['drill', '--all', '--seed', '-1'], /--seed|seed/],
    ['an environment that there is not', ['drill', '--all', '--env', 'qa'], /Allowed choices are dev, staging, prod/],
    ['a report of nothing', ['drill', 'report'], /missing required argument 'folder'/],
  ])('of %s ends with 2 and says what is right', (_what, args, message) => {
    const run = sluice(args);
    expect([run.code, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toMatch(message);
    expect(hasStack(run)).toBe(false);
  });

  test('of an experiment that a laptop cannot do ends with 2 and says why', () => {
    const { code, stdout } = dryRun('--experiment', 'node-drain');
    expect([code, stdout]).toEqual([
      2,
      'skipped:\n  node-drain: only a cluster has pods to evict\n\nnothing was touched\n',
    ]);
  });
});

test('without Redis a drill ends with 69 and says how to get it, before anything is started', () =>
  inFolder((folder) => {
    const run = sluice(['drill', '--experiment', 'upstream-slow', '--out', folder], { env: { PATH: folder } });
    expect(run.code).toBe(69);
    expect(run.stdout).toMatch(
      /^upstream-slow skipped: a local drill needs Redis: redis-server is not on PATH: install .+\n$/,
    );
  }));

test('the list names every experiment, what does its fault where, its alert and its hypothesis', () => {
  const { code, stdout } = sluice(['drill', 'list']);
  expect(code).toBe(0);
  const [head = '', ...rows] = stdout.trimEnd().split('\n');
  expect(head).toMatch(/^experiment +locally +on Kubernetes +with Chaos Mesh +alert +hypothesis$/);
  expect(rows.map((row) => row.split(' ')[0])).toEqual(EXPERIMENTS.map(({ id }) => id));
  expect(rows[0]).toMatch(
    /^upstream-slow +proxy: latency on upstream +proxy: latency on upstream +NetworkChaos: delay upstream to gateway +GatewayLatencyHigh +When /,
  );
});

test('the list is also there for programs', () => {
  const { experiments } = JSON.parse(sluice(['drill', 'list', '--json']).stdout) as {
    readonly experiments: readonly { readonly id: string }[];
  };
  expect(experiments.map(({ id }) => id)).toEqual(EXPERIMENTS.map(({ id }) => id));
});

test('a dry run of all names every experiment once, and what it would touch or why it is skipped', () => {
  const { code, stdout } = dryRun('--all', '--json');
  expect(code).toBe(0);
  const { experiments } = JSON.parse(stdout) as { readonly experiments: readonly Planned[] };
  expect(experiments.map(({ experiment }) => experiment)).toEqual(EXPERIMENTS.map(({ id }) => id));
  for (const { skipped, touches } of experiments) expect(skipped ?? touches?.join()).toMatch(/\S/);
});

type Planned = { readonly experiment: string; readonly skipped?: string; readonly touches?: readonly string[] };

test('where nothing can tell alerts, a dry run names what cannot be seen', () =>
  inFolder((folder) => {
    writeFileSync(join(folder, 'redis-server'), '', { mode: 0o755 });
    const { code, stdout } = sluice(['drill', '--dry-run', '--experiment', 'upstream-slow'], { env: { PATH: folder } });
    expect(code).toBe(0);
    expect(stdout).toContain('cannot be seen here: latency-told: prometheus is not on PATH: install');
  }));

test('a comparison names a folder that it cannot read, and ends with 1', () => {
  const { code, stdout } = sluice(['drill', 'report', '/nowhere']);
  expect(code).toBe(1);
  expect(stdout).toContain('/nowhere/report.json is missing');
});
