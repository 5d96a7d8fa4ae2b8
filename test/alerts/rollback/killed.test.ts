import { expect, test } from '@jest/globals';
import { build, settledDrive, type Drive, type Guard } from './drive.ts';
import { FAILS } from './traffic.ts';

// From the release to the end of everything that follows from it.
const LENGTH = 160;
const OUTAGE = 7;

/** One bad release, with the guard killed after so many steps of it. Tells how many steps there were. */
function killedAfter(steps: number): {
  readonly one: Drive;
  readonly last: string | undefined;
  readonly count: number;
} {
  const one = settledDrive();
  let guard: Guard | undefined = one.guard();
  let count = 0;
  let last: string | undefined;
  let awakeAt = 0;
  guard.next();
  one.release(build('bad'), FAILS);
  for (let second = 0; second < LENGTH; second++) {
    one.tick();
    if (!guard && second >= awakeAt) {
      guard = one.guard();
      guard.next();
    }
    while (guard) {
      if (count === steps) {
        guard = undefined;
        awakeAt = second + OUTAGE;
        count++;
        break;
      }
      count++;
      const { value } = guard.next();
      if (count === steps) last = value ?? undefined;
      if (value === 'slept') break;
    }
  }
  return { one, last, count };
}

function endOf({ world, store, restores, outcome }: Drive) {
  return {
    phase: store.state.phase,
    outcome: outcome('bad'),
    restores: restores(),
    ready: { good: world.ready('good'), bad: world.ready('bad') },
    pace: world.deployment.pace,
    baseline: world.baseline?.of,
    withdrawn: world.withdrawn?.of,
    quarantined: [...world.quarantined.keys()],
    handedOver: [...world.handedOver],
    records: [...world.records.values()].map(({ hash }) => hash),
    owed: store.state.owed.length,
    raised: store.state.raised,
    wasTold: world.told.length > 0,
  };
}

test('a guard killed between any two steps of a rollback leaves nothing that the next one does not finish', () => {
  const whole = killedAfter(Number.POSITIVE_INFINITY);
  const expected = endOf(whole.one);
  expect(expected).toMatchObject({
    outcome: 'restored',
    restores: ['good'],
    handedOver: ['bad'],
    records: ['good', 'bad'],
    owed: 0,
  });

  const killedAt = new Set<string | undefined>();
  for (let steps = 1; steps < whole.count; steps++) {
    const { one, last } = killedAfter(steps);
    killedAt.add(last);
    expect({ steps, last, ...endOf(one) }).toEqual({ steps, last, ...expected });
    // Twice only where it died after the message and before it could note that.
    expect(one.world.told.length).toBeLessThanOrEqual(last === 'tell' ? 2 : 1);
  }
  expect([...killedAt].sort()).toEqual(
    [
      'drop-baseline',
      'hand-over',
      'keep-baseline',
      'keep-withdrawn',
      'looked',
      'put-back',
      'quarantine',
      'record',
      'restore',
      'settled',
      'slept',
      'stored',
      'tell',
    ].sort(),
  );
});
