import { describe, expect, test } from '@jest/globals';
import type { BreakerSettings } from '../../service/definition/index.ts';
import { createBreaker, type BreakerCall, type BreakerTransition } from '../../service/resilience/index.ts';
import { seeded } from './seeded.ts';

const SETTINGS: BreakerSettings = {
  consecutiveFailures: 3,
  open: '10s',
  probes: 1,
  failureRate: '50%',
  slowCall: '5s',
  slowRate: '80%',
  window: '10s',
  minimumCalls: 20,
};

/** A breaker whose clock the test sets, at first closed and without jitter. */
function create(settings: Partial<BreakerSettings> = {}, random = () => 0) {
  const clock = { now: 1_000 };
  const transitions: BreakerTransition[] = [];
  const breaker = createBreaker({
    name: 'upstream',
    settings: { ...SETTINGS, ...settings },
    onTransition: (transition) => transitions.push(transition),
    now: () => clock.now,
    wallClock: () => 1_700_000_000_000 + clock.now,
    random,
  });
  const enter = (): BreakerCall => {
    const call = breaker.enter();
    if (!call) throw new Error('the breaker let nothing through');
    return call;
  };
  const report = (...verdicts: (keyof BreakerCall)[]) => verdicts.forEach((verdict) => enter()[verdict]());
  return { clock, breaker, transitions, enter, report };
}

describe('a closed breaker', () => {
  test('opens on failures in a row', () => {
    const { breaker, report } = create();
    report('failure', 'failure');
    expect(breaker.state).toBe('closed');
    report('failure');
    expect(breaker.state).toBe('open');
    expect(breaker.enter()).toBeUndefined();
  });

  test('counts anew after a success, and takes what is ignored for nothing', () => {
    const { breaker, report } = create();
    report('failure', 'failure', 'success', 'failure', 'ignore', 'failure');
    expect(breaker.state).toBe('closed');
    report('ignore', 'failure');
    expect(breaker.state).toBe('open');
  });

  test('opens on the share of failures, once there are enough calls', () => {
    const { breaker, report, transitions } = create({ consecutiveFailures: 100 });
    for (let pair = 0; pair < 9; pair++) report('failure', 'success');
    report('failure');
    expect(breaker.state).toBe('closed');
    report('success');
    expect(breaker.state).toBe('open');
    expect(transitions).toEqual([{ name: 'upstream', from: 'closed', to: 'open', cause: 'failure-rate' }]);
  });

  test('divides by the calls that ended: those under way do not make failures look rare', () => {
    const { breaker, enter } = create({ consecutiveFailures: 100, minimumCalls: 4 });
    for (let call = 0; call < 100; call++) enter();
    const calls = [enter(), enter(), enter(), enter()];
    calls.forEach((call, index) => (index % 2 === 0 ? call.failure() : call.success()));
    expect(breaker.state).toBe('open');
  });

  test('opens on the share of slow calls, good or not', () => {
    const { breaker, clock, enter, report, transitions } = create({ minimumCalls: 5 });
    report('success');
    const calls = [enter(), enter(), enter(), enter()];
    clock.now += 5_001;
    calls.forEach((call) => call.success());
    expect(breaker.state).toBe('open');
    expect(transitions[0]).toMatchObject({ cause: 'slow-rate' });
  });

  test('forgets what has left the window', () => {
    const { breaker, clock, report } = create({ consecutiveFailures: 100, minimumCalls: 4 });
    report('failure', 'failure');
    clock.now += 10_000;
    report('failure', 'success', 'success');
    expect(breaker.state).toBe('closed');
    expect(breaker.row()).toMatchObject({ calls: 3, failures: 1 });
  });

  test('takes only the first report of a call', () => {
    const { breaker, enter } = create();
    const call = enter();
    for (let again = 0; again < 5; again++) call.failure();
    expect(breaker.row()).toMatchObject({ state: 'closed', calls: 1, failures: 1 });
  });
});

describe('an open breaker', () => {
  const opened = (settings: Partial<BreakerSettings> = {}, random?: () => number) => {
    const made = create(settings, random);
    made.report('failure', 'failure', 'failure');
    return made;
  };

  test('is engaged while it keeps calls away, and not once nobody has asked for five minutes', () => {
    const { breaker, clock, report, enter } = create();
    expect(breaker.isEngaged).toBe(false);
    report('failure', 'failure', 'failure');
    expect(breaker.isEngaged).toBe(true);
    clock.now += 10_000 + 299_999;
    expect([breaker.state, breaker.isEngaged]).toEqual(['half-open', true]);
    clock.now += 1;
    expect([breaker.state, breaker.isEngaged]).toEqual(['half-open', false]);
    const probe = enter();
    expect(breaker.isEngaged).toBe(true);
    probe.failure();
    expect([breaker.state, breaker.isEngaged]).toEqual(['open', true]);
    clock.now += 10_000;
    report('success');
    expect([breaker.state, breaker.isEngaged]).toEqual(['closed', false]);
  });

  test('is engaged for all of a long time open, asked or not', () => {
    const { breaker, clock, report } = create({ open: '20m' });
    report('failure', 'failure', 'failure');
    clock.now += 1_199_999;
    expect([breaker.state, breaker.isEngaged]).toEqual(['open', true]);
  });

  test('tells how long it stays open, and lets one call through after that', () => {
    const { breaker, clock } = opened();
    expect(breaker.retryAfterMs).toBe(10_000);
    clock.now += 9_999;
    expect(breaker.retryAfterMs).toBe(1);
    expect(breaker.enter()).toBeUndefined();
    clock.now += 1;
    expect(breaker.enter()).toBeDefined();
    expect(breaker.state).toBe('half-open');
    expect(breaker.retryAfterMs).toBe(0);
    expect(breaker.enter()).toBeUndefined();
  });

  test('stays open up to a fifth longer', () => {
    const times = Array.from({ length: 200 }, (_, seed) => opened({}, seeded(seed)).breaker.retryAfterMs);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(10_000);
    expect(Math.max(...times)).toBeLessThanOrEqual(12_000);
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(1_500);
  });

  test('closes after as many successes as it lets probe at once', () => {
    const { breaker, clock, enter } = opened({ probes: 2 });
    clock.now += 10_000;
    const [one, two] = [enter(), enter()];
    expect(breaker.enter()).toBeUndefined();
    one.success();
    expect(breaker.state).toBe('half-open');
    two.success();
    expect(breaker.state).toBe('closed');
    expect(breaker.row()).toMatchObject({ calls: 0, failures: 0, slow: 0 });
  });

  test('opens again on one failure of a probe, for the whole time', () => {
    const { breaker, clock, report } = opened({ probes: 2 });
    clock.now += 10_000;
    report('success', 'failure');
    expect(breaker.state).toBe('open');
    expect(breaker.retryAfterMs).toBe(10_000);
  });

  test('gives the place of a probe that says nothing to the next', () => {
    const { breaker, clock, report } = opened();
    clock.now += 10_000;
    report('ignore');
    expect(breaker.state).toBe('half-open');
    report('success');
    expect(breaker.state).toBe('closed');
  });

  test('is not blocked by a probe that never reports', () => {
    const { breaker, clock, enter } = opened();
    clock.now += 10_000;
    const lost = enter();
    clock.now += 9_999;
    expect(breaker.enter()).toBeUndefined();
    clock.now += 1;
    const next = enter();
    expect(breaker.enter()).toBeUndefined();
    next.success();
    expect(breaker.state).toBe('closed');
    lost.failure();
    expect(breaker.row()).toMatchObject({ state: 'closed', calls: 0 });
  });

  test('is not disturbed by calls that began before it opened', () => {
    const { breaker, clock, enter, report } = create();
    const [early, earlier] = [enter(), enter()];
    report('failure', 'failure', 'failure');
    early.failure();
    expect(breaker.retryAfterMs).toBe(10_000);
    clock.now += 10_000;
    const probe = enter();
    earlier.success();
    expect(breaker.state).toBe('half-open');
    expect(breaker.enter()).toBeUndefined();
    probe.success();
    expect(breaker.state).toBe('closed');
  });

  test('that slowness opened does not take a slow probe for good; one that failures opened does', () => {
    const slow = create({ minimumCalls: 1 });
    const first = slow.enter();
    slow.clock.now += 6_000;
    first.success();
    for (const { breaker, clock, enter } of [slow, opened()]) {
      clock.now += 10_000;
      const probe = enter();
      clock.now += 6_000;
      probe.success();
      expect(breaker.state).toBe(breaker === slow.breaker ? 'open' : 'closed');
    }
    slow.clock.now += 10_000;
    slow.report('success');
    expect(slow.breaker.state).toBe('closed');
  });
});

describe('an operator', () => {
  test('opens a breaker for its time, from now on', () => {
    const { breaker, clock, report } = create();
    breaker.forceOpen();
    clock.now += 6_000;
    breaker.forceOpen();
    expect(breaker.enter()).toBeUndefined();
    expect(breaker.retryAfterMs).toBe(10_000);
    clock.now += 10_000;
    report('success');
    expect(breaker.state).toBe('closed');
  });

  test('closes a breaker that is open, and what it counted is forgotten', () => {
    const { breaker, report, transitions } = create();
    report('failure', 'failure', 'failure');
    breaker.reset();
    breaker.reset();
    report('failure', 'failure');
    expect(breaker.row()).toMatchObject({ state: 'closed', calls: 2 });
    expect(transitions.map(({ to }) => to)).toEqual(['open', 'closed']);
  });

  test('reads since when and why', () => {
    const { breaker, clock, report } = create();
    report('success', 'failure', 'failure', 'failure');
    clock.now += 500;
    expect(breaker.row()).toEqual({
      name: 'upstream',
      state: 'open',
      since: new Date(1_700_000_001_000).toISOString(),
      cause: 'consecutive-failures',
      calls: 4,
      failures: 3,
      slow: 0,
      retryAfterMs: 9_500,
    });
    clock.now += 60_000;
    expect(breaker.row()).toMatchObject({
      state: 'half-open',
      since: new Date(1_700_000_011_000).toISOString(),
      cause: 'time-over',
      retryAfterMs: 0,
    });
  });
});

test('whatever happens, probes stay bounded, changes follow the rules, and it closes once all is well', () => {
  const allowed = ['closed>open', 'open>half-open', 'half-open>open', 'half-open>closed'];
  for (let seed = 0; seed < 50; seed++) {
    const random = seeded(seed);
    const { breaker, clock, transitions } = create({ probes: 2, minimumCalls: 5 }, random);
    const calls: { call: BreakerCall; at: number; epoch: number }[] = [];
    for (let step = 0; step < 2_000; step++) {
      clock.now += random() * 200;
      const epoch = transitions.length;
      if (random() < 0.5) {
        const call = breaker.enter();
        if (call) calls.push({ call, at: clock.now, epoch: transitions.length });
      } else if (calls.length > 0) {
        const [ended] = calls.splice(Math.floor(random() * calls.length), 1);
        const verdict = (['success', 'failure', 'ignore'] as const)[Math.floor(random() * 3)] ?? 'success';
        // Now and then a call is lost.
        if (random() < 0.95) ended?.call[verdict]();
      }
      if (breaker.state === 'half-open' && epoch === transitions.length) {
        const probes = calls.filter((each) => each.epoch === epoch && clock.now - each.at < 10_000);
        expect(probes.length).toBeLessThanOrEqual(2);
      }
    }
    transitions.forEach(({ from, to }) => expect(allowed).toContain(`${from}>${to}`));
    transitions.slice(1).forEach(({ from }, index) => expect(from).toBe(transitions[index]?.to));
    for (let call = 0; call < 4; call++) {
      clock.now += 13_000;
      breaker.enter()?.success();
    }
    expect(breaker.state).toBe('closed');
  }
});
