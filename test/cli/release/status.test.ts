import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { status } from '../../../infra/cli/release/status.ts';
import { drive, settledDrive, type Drive } from '../../alerts/rollback/drive.ts';
import { FAILS, GOOD } from '../../alerts/rollback/traffic.ts';
import { recordingDesk } from '../../support/desk.ts';
import { released, showCluster, type GuardedCluster } from './guarded-cluster.ts';

let one: Drive;
let cluster: GuardedCluster;

beforeEach(async () => {
  one = settledDrive();
  cluster = await showCluster(one);
});
afterEach(() => cluster.close());

describe('each phase is told', () => {
  const rows: readonly (readonly [phase: string, bring: () => void, lines: readonly RegExp[]])[] = [
    ['done', () => undefined, [/^phase +done$/m, /^outcome +proven/m, /^PROVEN GOOD/m]],
    [
      'watching',
      () => {
        one.release(released('b2b2', '2.0.0'), GOOD);
        one.run(90);
      },
      [
        /^release +b2b2, version 2\.0\.0, b2b200000000-b2b2000000$/m,
        /^window +\d min \d+ s left$/m,
        /^before +good, /m,
        /^baseline +of good, 1 Ready$/m,
        /by pulumi$/m,
      ],
    ],
    [
      'deciding',
      () => {
        one.release(released('b2b2'), FAILS);
        one.until(() => one.store.state.watch?.trigger !== undefined && one.store.state.phase === 'deciding');
      },
      [/^alert +ReleaseErrorsHigh, stored /m],
    ],
    [
      'verifying',
      () => {
        one.release(released('b2b2'), FAILS);
        one.until(() => one.store.state.phase === 'verifying');
      },
      [/^decision +roll-back, by the rule bad: /m, /^going back +to good, /m],
    ],
    [
      'done',
      () => {
        one.release(released('b2b2'), FAILS);
        one.until(() => one.outcome('b2b2') === 'restored');
      },
      [/^outcome +restored, /m, /^withdrawn +of b2b2, 1 Ready, until \d{4}-/m, /^figures +this release: /m],
    ],
  ];
  test.each(rows)('%s', async (phase, bring, lines) => {
    bring();
    const { code, out } = await tell();
    expect(out).toMatch(new RegExp(`^phase +${phase}$`, 'm'));
    for (const line of lines) expect(out).toMatch(line);
    expect(out).not.toContain('BLIND');
    expect(code).toBe(0);
  });

  test('idle, before anything is known', async () => {
    await cluster.close();
    one = drive();
    cluster = await showCluster(one);
    const { out, code } = await tell();
    expect(out).toMatch(/^phase +idle$/m);
    expect(out).toContain('no release is proven good yet');
    expect(code).toBe(0);
  });
});

describe('what is wrong with the guard itself stands first, and ends with 1:', () => {
  const rows: readonly (readonly [name: string, bring: () => void, line: RegExp])[] = [
    [
      'nobody leads',
      () => (cluster.change.leads = false),
      /^BLIND: nobody leads the guard: guard-1 has led last, .* ago/,
    ],
    [
      'there is no Lease',
      () => (cluster.change.missing = ['Lease']),
      /^BLIND: nobody leads the guard: there is no Lease sluice-guard/,
    ],
    [
      'Alertmanager is silent',
      () => signs({ watchdog: one.world.now - 600_000, prometheus: one.world.now }),
      /^BLIND: the Watchdog of Alertmanager has been silent for 10 min 0 s/,
    ],
    [
      'Prometheus was never heard',
      () => signs({ watchdog: one.world.now, prometheus: 0 }),
      /^BLIND: Prometheus was never heard/,
    ],
    [
      'there is no ConfigMap',
      () => (cluster.change.missing = ['ConfigMap sluice-guard']),
      /^BLIND: there is no ConfigMap sluice-guard in the namespace/,
    ],
    [
      'the state is no JSON',
      () => (cluster.change.guard = { state: '{' }),
      /^BLIND: the ConfigMap sluice-guard cannot be read at 'state': the state is no JSON/,
    ],
    [
      'the state is of another shape',
      () => (cluster.change.guard = { state: '{"format":7}' }),
      /^BLIND: .*format is 7/,
    ],
  ];
  test.each(rows)('%s', async (_, bring, line) => {
    bring();
    const { code, out } = await tell();
    expect(out).toMatch(line);
    expect(code).toBe(1);
  });

  test('a guard whose clock differs leads all the same, and the difference is told', async () => {
    cluster.change.skew = -40_000;
    const { code, out } = await tell();
    expect(out).toMatch(/^note: the clock here is 40 s ahead of the guard's\n/);
    expect(code).toBe(0);
    // Its signs of life are by its own clock, and as fresh as can be.
    cluster.change.skew = -600_000;
    signs({ watchdog: one.world.now - 610_000, prometheus: one.world.now - 610_000 });
    expect((await tell()).out).not.toContain('BLIND');
    cluster.change.skew = 40_000;
    expect((await tell()).out).toMatch(/^note: the clock here is 40 s behind the guard's\n/);
  });
});

test('a freeze, a dry run and a guard that is off are told first, and are no failure', async () => {
  cluster.change.guard = { freeze: JSON.stringify({ until: one.world.now + 60_000, reason: 'a sale', by: 'ada' }) };
  const dryRun = await tell({ set: ['release.guard.mode=dry-run', 'release.guard.until=2099-01-31'] });
  expect(dryRun.out).toMatch(/^note: dev is frozen until 2027-.* by ada: a sale\nnote: dry run until 2099-01-31: /);
  expect(dryRun.code).toBe(0);
  const off = await tell({ set: ['release.guard.mode=off'] });
  expect(off.out).toMatch(/^note: the guard is off in the definition/);
  expect(off.code).toBe(0);
});

test('of each proven release it is told whether it can be gone back to, the newest first', async () => {
  for (const hash of ['c1', 'c2', 'c3']) {
    one.release(released(hash), GOOD);
    one.until(() => one.outcome(hash) === 'proven');
  }
  one.world.lostConfigurations.add('c1');
  cluster.quarantine[released('c2').release.id] = JSON.stringify({ reason: 'x', at: '2026-01-02', by: 'ada' });
  const { out } = await tell();
  const proven = out.slice(out.indexOf('PROVEN GOOD')).split('\n').slice(1, 5);
  expect(proven.map((line) => /^(\S+) .*Z +(.*)$/.exec(line)?.slice(1))).toEqual([
    ['c3', 'no: it is what is wanted now'],
    ['c2', 'no: it is quarantined'],
    ['c1', 'no: its configuration is gone'],
    ['good', 'yes'],
  ]);
});

test('what others wrote moves no cursor, in words and in JSON', async () => {
  const reason = 'a\u001b[2J\u009bb';
  cluster.change.guard = { freeze: JSON.stringify({ until: one.world.now + 60_000, reason, by: 'ada' }) };
  cluster.quarantine.bad = JSON.stringify({ reason, at: '2026-01-02', by: 'ada' });
  for (const json of [false, true]) {
    const { out } = await tell({ json });
    // eslint-disable-next-line no-control-regex
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(out).toContain('u001b[2J');
  }
});

test('--json has every part, null where there is none', async () => {
  const { out, code } = await tell({ json: true });
  expect(JSON.parse(out)).toMatchObject({
    env: 'dev',
    namespace: 'sluice-dev',
    guard: { mode: 'act', leads: true, holder: 'guard-1', blind: false, findings: [] },
    frozen: null,
    phase: 'done',
    watch: { hash: 'good', outcome: 'proven' },
    gateway: { hash: 'good', wanted: 3, ready: 3, isPaused: false },
    baseline: null,
    withdrawn: null,
    proven: [{ hash: 'good', revision: 1, obstacle: 'it is what is wanted now' }],
    quarantined: [],
  });
  expect(code).toBe(0);
});

test('without an environment each that runs is told, and none that does not', async () => {
  const { env: _, ...options } = cluster.options;
  const desk = recordingDesk({ deployer: nobody });
  expect(await status({ ...options, json: true }, desk, cluster.clock)).toBe(0);
  expect(JSON.parse(desk.told.out)).toMatchObject({ environments: [{ env: 'dev', phase: 'done' }] });
});

test('a namespace with nothing in it is told as such', async () => {
  cluster.change.missing = ['Deployment', 'ConfigMap'];
  await expect(tell()).rejects.toMatchObject({
    name: 'UnavailableError',
    message: expect.stringContaining("the namespace 'sluice-dev' has no gateway and no guard"),
  });
});

function signs(at: { readonly watchdog: number; readonly prometheus: number }): void {
  cluster.change.guard = { signs: JSON.stringify(at) };
}

async function tell(more: object = {}): Promise<{ readonly code: number; readonly out: string }> {
  const desk = recordingDesk({ deployer: nobody });
  const code = await status({ ...cluster.options, ...more }, desk, cluster.clock);
  return { code, out: desk.told.out };
}

function nobody(): never {
  throw new Error('no command of these needs Pulumi');
}
