import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Act } from '../../../../alerts/rollback/index.ts';
import { build } from '../drive.ts';
import { FAILS } from '../traffic.ts';
import { simulate, type Simulated } from './simulated-guard.ts';

let one: Simulated;

beforeEach(() => {
  one = simulate();
});

describe('a bad release', () => {
  test('is withdrawn, quarantined, recorded, told and written down line by line', async () => {
    one.release(build('bad11', '1.1.0'), FAILS);
    await one.untilEnd('bad11');

    expect(one.restores()).toEqual(['good']);
    expect([...one.world.quarantined.keys()]).toEqual(['bad11-c0ffee']);
    expect(one.told).toEqual([
      expect.objectContaining({
        name: 'ReleaseDecision',
        severity: 'ticket',
        labels: { outcome: 'restored', pod_template_hash: 'bad11' },
        description: expect.stringContaining('bad11-c0ffee') as unknown,
      }),
    ]);
    expect(one.world.told.map(({ outcome }) => outcome)).toEqual(['restored']);
    const lines = one.lines.filter(({ text }) => text.startsWith('release ')).map(({ text }) => text);
    expect(lines).toEqual(['release watching', 'release rolling-back', 'release verifying', 'release ended']);
    expect(one.lines.find(({ text }) => text === 'release rolling-back')?.fields).toMatchObject({
      hash: 'bad11',
      version: '1.1.0',
      from: 'watching',
      to: 'rolling-back',
      alert: 'ReleaseErrorsHigh',
      rule: expect.any(String) as unknown,
      reason: expect.stringMatching(/./) as unknown,
    });
    expect(one.lines.at(-1)?.text).not.toMatch(/cannot/);
  });

  test('is told by figures: what is watched, where it stands, how it ended, how long that took', async () => {
    expect(await one.metric('gateway_release_outcomes_total{outcome="restored"}')).toBe(0);
    one.release(build('bad11'), FAILS);
    await one.seconds(5);
    expect(await one.metric('gateway_release_watched{pod_template_hash="bad11"}')).toBe(1);
    expect(await one.metric('gateway_release_phase{phase="watching"}')).toBe(1);
    await one.untilEnd('bad11');
    await one.second();

    expect(await one.metric('gateway_release_watched{pod_template_hash="bad11"}')).toBeUndefined();
    expect(await one.metric('gateway_release_phase{phase="watching"}')).toBe(0);
    expect(await one.metric('gateway_release_outcomes_total{outcome="restored"}')).toBe(1);
    expect(await one.metric('gateway_release_outcome{outcome="restored"}')).toBe(1);
    expect(await one.metric('gateway_release_quarantined')).toBe(1);
    expect(await one.metric('gateway_guard_leads')).toBe(1);
    const [detection = 0, whole = 0] = [
      await one.metric('gateway_release_detection_seconds'),
      await one.metric('gateway_release_restore_seconds'),
    ];
    expect(detection).toBeGreaterThan(0);
    expect(detection).toBeLessThan(45);
    expect(whole).toBeGreaterThan(detection);
    expect(whole).toBeLessThan(120);
  });

  test('is withdrawn all the same when every other state is somebody else’s', async () => {
    let turn = 0;
    one.control.beforeWrite = () => turn++ % 2 === 1;
    one.release(build('bad11'), FAILS);
    await one.untilEnd('bad11');

    expect(one.restores()).toEqual(['good']);
    expect(one.told).toHaveLength(1);
  });

  test('is withdrawn all the same when each kind of act fails at first, and each failure is counted', async () => {
    const failed = new Set<Act['kind']>();
    one.control.beforeAct = ({ kind }) => {
      if (failed.has(kind)) return;
      failed.add(kind);
      throw new Error(`no ${kind} now`);
    };
    one.release(build('bad11'), FAILS);
    await one.untilEnd('bad11');
    await one.seconds(5);

    expect(one.restores()).toEqual(['good']);
    expect([...failed]).toEqual(expect.arrayContaining(['keep-baseline', 'restore', 'quarantine', 'keep-withdrawn']));
    expect(await one.metric('gateway_guard_errors_total{doing="act"}')).toBe(failed.size);
    expect(one.withdrawnOf()).toBe('bad11');
  });

  test('is decided on while its receiver takes its time, and is told once', async () => {
    let arrive = (): void => undefined;
    one.control.receive = () => new Promise((resolve) => (arrive = () => resolve(true)));
    one.release(build('bad11'), FAILS);
    for (let passed = 0; passed < 200 && one.outcome('bad11') === undefined; passed++) await one.second();
    await one.seconds(60);
    expect(one.outcome('bad11')).toBe('restored');
    expect(one.store.state.owed.map(({ kind }) => kind)).toEqual(['tell']);
    arrive();
    await one.seconds(3);

    expect(one.store.state.owed).toEqual([]);
    expect(one.told).toHaveLength(1);
  });

  test('is owed to a receiver that is away, which is tried every 30 s and told once', async () => {
    let tries = 0;
    one.control.receive = ({ name }) => {
      if (name === 'ReleaseDecision') tries++;
      return Promise.resolve(name !== 'ReleaseDecision');
    };
    one.release(build('bad11'), FAILS);
    for (let passed = 0; passed < 200 && one.outcome('bad11') === undefined; passed++) await one.second();
    await one.seconds(600);
    expect(tries).toBeGreaterThanOrEqual(18);
    expect(tries).toBeLessThanOrEqual(22);
    expect(one.store.state.owed.map(({ kind }) => kind)).toEqual(['tell']);
    // Nothing else is to be done, and nobody is in a hurry.
    expect(await one.second()).toBe(2_000);
    one.control.receive = () => Promise.resolve(true);
    await one.seconds(40);

    expect(one.store.state.owed).toEqual([]);
    expect(one.told.filter(({ name }) => name === 'ReleaseDecision')).toHaveLength(1);
  });
});

describe('a guard that does not lead', () => {
  test('changes nothing, asks nobody, and is ready', async () => {
    one.control.leads = false;
    one.release(build('bad11'), FAILS);
    const before = JSON.stringify(one.store.state);
    await one.seconds(60);

    expect([one.performed, one.asked, one.restores()]).toEqual([[], [], []]);
    expect(JSON.stringify(one.store.state)).toBe(before);
    expect(one.guard.isReady()).toBe(true);
    expect(await one.metric('gateway_guard_leads')).toBe(0);
    expect(await one.metric('gateway_release_phase{phase="done"}')).toBe(0);
    expect(one.aims()).toEqual({});
  });

  test('stores nothing of what it saw when it still led', async () => {
    one.release(build('bad11'), FAILS);
    one.drive.tick();
    const read = one.world.facts.bind(one.world);
    // Between the reading and the storing.
    one.world.facts = () => {
      one.control.leads = false;
      return read();
    };
    const before = one.store.version;
    await one.guard.turn();

    expect(one.store.version).toBe(before);
    expect(one.performed).toEqual([]);
  });

  test('tells when nobody leads', async () => {
    one.control.leads = false;
    one.control.holder = undefined;
    await one.seconds(125);

    expect(one.told.map(({ name }) => name)).toEqual(['GuardLeaderless']);
    expect(one.guard.status()).toMatchObject({ leads: false, silent: ['leader'] });
  });
});

describe('a guard that waits for nothing', () => {
  test('looks every two seconds at one object alone, at all of them now and then, and asks Prometheus each 15 s', async () => {
    const pauses = new Set<number>();
    for (let passed = 0; passed < 60; passed++) pauses.add(await one.second());

    expect([...pauses]).toEqual([2_000]);
    expect(one.readings.filter((reading) => reading === 'whole').length).toBeLessThanOrEqual(4);
    expect(new Set(one.asked)).toEqual(new Set(['anything']));
    expect(one.asked.length).toBeGreaterThanOrEqual(3);
    expect(one.asked.length).toBeLessThanOrEqual(5);
    expect(one.signsNoted.prometheus).toBeGreaterThan(one.world.now - 31_000);
  });

  test('looks each second once there is a release, at both versions', async () => {
    one.release(build('next1', '1.1.0'));
    await one.seconds(3);
    expect(await one.second()).toBe(1_000);
    await one.seconds(30);

    expect(one.asked).toContain('next1 good good-b');
  });
});

describe('when something is away', () => {
  test('the API server: each try is counted, one a minute is logged, and it goes on afterwards', async () => {
    one.release(build('bad11'), FAILS);
    one.control.isAway = true;
    await one.seconds(90);
    expect(await one.metric('gateway_guard_errors_total{doing="read"}')).toBe(90);
    expect(one.lines.filter(({ text }) => text === 'cannot read')).toHaveLength(2);
    one.control.isAway = false;
    await one.untilEnd('bad11');

    expect(one.restores()).toEqual(['good']);
  });

  test('Prometheus and the Watchdog: both are told once they were silent too long', async () => {
    one.traffic.answers = false;
    await one.seconds(240);

    expect(one.told.map(({ name, labels }) => [name, labels.of])).toEqual([
      ['GuardBlind', 'watchdog'],
      ['GuardBlind', 'prometheus'],
    ]);
    expect(one.guard.status()).toMatchObject({
      silent: ['watchdog', 'prometheus'],
      prometheus: 'Prometheus is silent',
    });
    expect(await one.metric('gateway_guard_signs_age_seconds{of="prometheus"}')).toBeGreaterThan(200);
    expect(await one.metric('gateway_guard_errors_total{doing="read"}')).toBeGreaterThan(5);
  });
});

test('the status says where it is with which release', async () => {
  one.release(build('next1', '1.1.0'));
  await one.seconds(3);

  expect(one.guard.status()).toMatchObject({
    leads: true,
    leader: 'guard-0',
    silent: [],
    phase: 'watching',
    watch: { hash: 'next1', release: 'next1-c0ffee', version: '1.1.0' },
  });
});
