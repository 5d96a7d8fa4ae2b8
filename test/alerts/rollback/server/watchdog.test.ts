import { describe, expect, test } from '@jest/globals';
import { createSigns } from '../../../../alerts/rollback/signs.ts';
import type { Signs } from '../../../../alerts/rollback/state.ts';
import type { Message } from '../../../../alerts/rollback/tell.ts';
import { createWatchdog, type Heard } from '../../../../alerts/rollback/watchdog.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const START = 1_800_000_000_000;

describe('a silence', () => {
  test.each<['watchdog' | 'prometheus']>([['watchdog'], ['prometheus']])(
    'of %s is told once it has lasted, again each hour, and once when it ends',
    (of) => {
      const { told, during, watchdog } = listening();
      const silent = (now: number) => ({ leadsSince: START, signs: { watchdog: now, prometheus: now, [of]: START } });
      during(0, 120 * SECOND, silent);
      expect(told).toEqual([]);
      during(121 * SECOND, 2.5 * HOUR, silent);

      expect(told.map(({ name, labels, status, startsAt }) => [name, labels, status, startsAt])).toEqual(
        Array.from({ length: 3 }, () => ['GuardBlind', { of }, 'firing', START]),
      );
      expect(watchdog.silent()).toEqual([of]);
      during(2.5 * HOUR, 3 * HOUR, (now) => ({ leadsSince: START, signs: { watchdog: now, prometheus: now } }));
      expect(told.slice(3)).toEqual([
        expect.objectContaining({ status: 'resolved', labels: { of }, severity: 'page' }),
      ]);
      expect(watchdog.silent()).toEqual([]);
    },
  );

  test('that was there before is counted from when the guard began to lead', () => {
    const { told, during } = listening();
    const began = START + 300 * SECOND;
    const signs = { watchdog: 0, prometheus: 0 };
    during(0, 299 * SECOND, () => ({ signs }));
    during(300 * SECOND, 420 * SECOND, () => ({ leadsSince: began, signs }));
    expect(told).toEqual([]);
    during(421 * SECOND, 422 * SECOND, () => ({ leadsSince: began, signs }));

    expect(told.map(({ labels }) => labels.of)).toEqual(['watchdog', 'prometheus']);
  });

  test('of a leader is told by every guard, also by one that has never led', () => {
    const { told, during } = listening();
    during(0, 60 * SECOND, () => ({ hasLeader: true }));
    during(61 * SECOND, 181 * SECOND, () => ({ hasLeader: false }));
    expect(told).toEqual([]);
    during(182 * SECOND, 200 * SECOND, () => ({ hasLeader: false }));
    during(201 * SECOND, 202 * SECOND, () => ({ hasLeader: true }));

    expect(told.map(({ name, status }) => [name, status])).toEqual([
      ['GuardLeaderless', 'firing'],
      ['GuardLeaderless', 'resolved'],
    ]);
  });

  test('is not said to be over by a guard that only leads no longer', () => {
    const { told, during } = listening();
    const signs = { watchdog: START, prometheus: START };
    during(0, 130 * SECOND, () => ({ leadsSince: START, signs }));
    expect(told).toHaveLength(2);
    during(131 * SECOND, 140 * SECOND, () => ({ signs }));

    expect(told).toHaveLength(2);
  });

  test('ends for a moment and is told anew', () => {
    const { told, during } = listening();
    const silent = { watchdog: START, prometheus: START + HOUR };
    during(0, 130 * SECOND, () => ({ leadsSince: START, signs: silent }));
    during(131 * SECOND, 132 * SECOND, (now) => ({ leadsSince: START, signs: { ...silent, watchdog: now } }));
    during(133 * SECOND, 260 * SECOND, () => ({
      leadsSince: START,
      signs: { ...silent, watchdog: START + 132 * SECOND },
    }));

    expect(told.map(({ status }) => status)).toEqual(['firing', 'resolved', 'firing']);
  });
});

describe('signs of life', () => {
  test('are shared at most every 15 s, and only what is new', async () => {
    const written: Partial<Signs>[] = [];
    const signs = createSigns({ write: (some) => Promise.resolve(void written.push(some)), onFailure: fail });
    for (let now = START; now < START + 60 * SECOND; now += SECOND) {
      signs.note('prometheus', now);
      if (now === START + 20 * SECOND) signs.note('watchdog', now);
      await signs.share(now);
    }

    expect(written).toEqual([
      { prometheus: START },
      { prometheus: START + 15 * SECOND },
      { prometheus: START + 30 * SECOND, watchdog: START + 20 * SECOND },
      { prometheus: START + 45 * SECOND },
    ]);
  });

  test('are the newest of its own and of those that others have noted', () => {
    const signs = createSigns({ write: () => Promise.resolve(), onFailure: fail });
    signs.note('watchdog', START);
    signs.note('watchdog', START - SECOND);

    expect(signs.with({ watchdog: START - SECOND, prometheus: START })).toEqual({ watchdog: START, prometheus: START });
  });

  test('that could not be shared are told of and tried again', async () => {
    const failures: unknown[] = [];
    let isAway = true;
    const written: Partial<Signs>[] = [];
    const write = (some: Partial<Signs>) =>
      isAway ? Promise.reject(new Error('away')) : Promise.resolve(void written.push(some));
    const signs = createSigns({ write, onFailure: (error) => failures.push(error) });
    signs.note('watchdog', START);
    await signs.share(START);
    isAway = false;
    await signs.share(START + 16 * SECOND);

    expect(failures).toHaveLength(1);
    expect(written).toEqual([{ watchdog: START }]);
  });
});

function listening() {
  const told: Message[] = [];
  const watchdog = createWatchdog({
    silence: 120 * SECOND,
    tell: (message) => Promise.resolve(void told.push(message)),
  });
  return {
    told,
    watchdog,
    /** One look a second, from a moment after the start to another. */
    during(from: number, to: number, heard: (now: number) => Partial<Heard>): void {
      for (let passed = from; passed <= to; passed += SECOND) {
        const now = START + passed;
        watchdog.look({ now, hasLeader: true, signs: { watchdog: now, prometheus: now }, ...heard(now) });
      }
    },
  };
}

function fail(error: unknown): never {
  throw error;
}
