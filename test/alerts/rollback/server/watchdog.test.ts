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
    async (of) => {
      const { told, during, watchdog } = listening();
      const silent = (now: number) => ({ leadsSince: START, signs: { watchdog: now, prometheus: now, [of]: START } });
      await during(0, 120 * SECOND, silent);
      expect(told).toEqual([]);
      await during(121 * SECOND, 2.5 * HOUR, silent);

      expect(told.map(({ name, labels, status, startsAt }) => [name, labels, status, startsAt])).toEqual(
        Array.from({ length: 3 }, () => ['GuardBlind', { of }, 'firing', START]),
      );
      expect(watchdog.silent()).toEqual([of]);
      await during(2.5 * HOUR, 3 * HOUR, (now) => ({ leadsSince: START, signs: { watchdog: now, prometheus: now } }));
      expect(told.slice(3)).toEqual([
        expect.objectContaining({ status: 'resolved', labels: { of }, severity: 'page' }),
      ]);
      expect(watchdog.silent()).toEqual([]);
    },
  );

  test('that was there before is counted from when the guard began to lead', async () => {
    const { told, during } = listening();
    const began = START + 300 * SECOND;
    const signs = { watchdog: 0, prometheus: 0 };
    await during(0, 299 * SECOND, () => ({ signs }));
    await during(300 * SECOND, 420 * SECOND, () => ({ leadsSince: began, signs }));
    expect(told).toEqual([]);
    await during(421 * SECOND, 422 * SECOND, () => ({ leadsSince: began, signs }));

    expect(told.map(({ labels }) => labels.of)).toEqual(['watchdog', 'prometheus']);
  });

  test('of a leader is told by every guard, also by one that has never led', async () => {
    const { told, during } = listening();
    await during(0, 60 * SECOND, () => ({ hasLeader: true }));
    await during(61 * SECOND, 181 * SECOND, () => ({ hasLeader: false }));
    expect(told).toEqual([]);
    await during(182 * SECOND, 200 * SECOND, () => ({ hasLeader: false }));
    await during(201 * SECOND, 202 * SECOND, () => ({ hasLeader: true }));

    expect(told.map(({ name, status }) => [name, status])).toEqual([
      ['GuardLeaderless', 'firing'],
      ['GuardLeaderless', 'resolved'],
    ]);
  });

  test('is not said to be over by a guard that only leads no longer', async () => {
    const { told, during } = listening();
    const signs = { watchdog: START, prometheus: START };
    await during(0, 130 * SECOND, () => ({ leadsSince: START, signs }));
    expect(told).toHaveLength(2);
    await during(131 * SECOND, 140 * SECOND, () => ({ signs }));

    expect(told).toHaveLength(2);
  });

  test('ends for a moment and is told anew', async () => {
    const { told, during } = listening();
    const silent = { watchdog: START, prometheus: START + HOUR };
    await during(0, 130 * SECOND, () => ({ leadsSince: START, signs: silent }));
    await during(131 * SECOND, 132 * SECOND, (now) => ({ leadsSince: START, signs: { ...silent, watchdog: now } }));
    await during(133 * SECOND, 260 * SECOND, () => ({
      leadsSince: START,
      signs: { ...silent, watchdog: START + 132 * SECOND },
    }));

    expect(told.map(({ status }) => status)).toEqual(['firing', 'resolved', 'firing']);
  });

  test('is told again every 30 s until that has arrived, and its end as well', async () => {
    const { told, receiver, during, watchdog } = listening();
    const silent = () => ({ leadsSince: START, signs: { watchdog: START, prometheus: START + HOUR } });
    const heard = () => ({ leadsSince: START });
    const times = () => told.splice(0).map(({ status, at }) => [status, at]);
    receiver.isAway = true;
    await during(0, 190 * SECOND, silent);
    expect(times()).toEqual([121, 151, 181].map((second) => ['firing', START + second * SECOND]));
    receiver.isAway = false;
    await during(191 * SECOND, 300 * SECOND, silent);
    expect(times()).toEqual([['firing', START + 211 * SECOND]]);
    receiver.isAway = true;
    await during(301 * SECOND, 340 * SECOND, heard);
    expect(watchdog.silent()).toEqual([]);
    receiver.isAway = false;
    await during(341 * SECOND, 900 * SECOND, heard);

    expect(times()).toEqual([301, 331, 361].map((second) => ['resolved', START + second * SECOND]));
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
  const told: (Message & { readonly at: number })[] = [];
  const receiver = { isAway: false };
  let now = START;
  const watchdog = createWatchdog({
    silence: 120 * SECOND,
    tell(message) {
      told.push({ ...message, at: now });
      return Promise.resolve(!receiver.isAway);
    },
  });
  return {
    told,
    receiver,
    watchdog,
    /** One look a second, from a moment after the start to another, each when what was told before has arrived. */
    async during(from: number, to: number, heard: (now: number) => Partial<Heard>): Promise<void> {
      for (let passed = from; passed <= to; passed += SECOND) {
        now = START + passed;
        watchdog.look({ now, hasLeader: true, signs: { watchdog: now, prometheus: now }, ...heard(now) });
        await Promise.resolve();
      }
    },
  };
}

function fail(error: unknown): never {
  throw error;
}
