import { describe, expect, test } from '@jest/globals';
import { advance, due, type State } from '../../../alerts/rollback/index.ts';
import { build, settledDrive, type Drive } from './drive.ts';
import { FAILS } from './traffic.ts';

const PACE = { surge: 1, minReadySeconds: 20 };

/** An environment whose guard has stored that it goes back from `bad`, and was killed before it did anything. */
function decidedOnly(): Drive {
  const one = settledDrive();
  one.release(build('bad'), FAILS);
  one.until(() => one.store.state.phase === 'deciding');
  for (let second = 0; second < 60; second++) {
    one.tick();
    const guard = one.guard();
    for (let step = guard.next(); step.value !== 'stored'; step = guard.next());
    if (one.store.state.phase === 'rolling-back') return one;
  }
  throw new Error('it was not decided');
}

describe('a rollback that was decided and not ordered', () => {
  test('is ordered by the next guard, which has as long for it as the first one had', () => {
    const one = decidedOnly();
    for (let second = 0; second < 90; second++) one.tick();
    one.until(() => one.outcome('bad') !== undefined);

    expect(one.outcome('bad')).toBe('restored');
    expect(one.restores()).toEqual(['good']);
  });

  test('is given up, and told, when it cannot be ordered for as long as a window', () => {
    const one = decidedOnly();
    one.world.execute = () => undefined;
    one.run(310);

    expect(one.store.state.watch).toMatchObject({
      outcome: 'failed',
      ending: 'the restore of good could not be ordered within 300 s',
    });
  });

  test('is given up when a person has quarantined what it goes back to', () => {
    const one = decidedOnly();
    one.world.quarantined.set('good-c0ffee', 'a person');
    one.run(5);

    expect(one.outcome('bad')).toBe('failed');
    expect(one.restores()).toEqual([]);
  });

  test('is not ordered by a guard that was told to do nothing meanwhile', () => {
    const one = decidedOnly();
    Object.assign(one.policy, { mode: 'dry-run' });
    one.run(5);

    expect(one.outcome('bad')).toBe('dry-run');
    expect(one.restores()).toEqual([]);
    expect(one.store.state.owed).toEqual([]);
  });

  test('hands nothing over before the restore was made, and owes that as long as it may come', () => {
    const one = decidedOnly();
    const handsOver = () =>
      due(one.store.state, one.world.facts(), one.policy).some(({ kind }) => kind === 'hand-over');
    expect(one.store.state.owed).toContainEqual({ kind: 'hand-over', of: 'bad' });
    expect(handsOver()).toBe(false);

    one.world.execute({ kind: 'restore', from: 'bad', target: 'good', pace: PACE }, one.world.facts());
    one.tick();
    expect(handsOver()).toBe(true);
    one.run(2);
    expect([...one.world.handedOver]).toEqual(['bad']);
    expect(one.store.state.owed).not.toContainEqual({ kind: 'hand-over', of: 'bad' });
  });

  test('is not ordered over a release of which nothing is known but that it comes', () => {
    const one = decidedOnly();
    one.world.deploy(build('fix'));
    const kinds = due(one.store.state, one.world.facts(), one.policy).map(({ kind }) => kind);

    expect(kinds).not.toContain('restore');
  });
});

describe('what is seen in between', () => {
  function next(one: Drive, changes: object = {}): State {
    const facts = { ...one.world.facts(), ...changes };
    const signs = { watchdog: one.world.now, prometheus: one.world.now };
    return advance(one.store.state, { inbox: one.store.inbox, facts, signs }, one.policy);
  }

  test('of a release that comes is nothing to decide by', () => {
    const one = settledDrive();
    one.release(build('bad'), FAILS);
    one.until(() => one.store.state.phase === 'deciding');
    one.world.deploy(build('fix'));

    expect(next(one)).toBe(one.store.state);
  });

  test('of a gateway that is gone moves nothing, and takes no alert', () => {
    const one = settledDrive();
    one.release(build('next'));
    one.run(60);
    one.traffic.send('firing', 'next', one.world.now);

    expect(next(one, { gateway: undefined, revisions: [] })).toBe(one.store.state);
  });
});
