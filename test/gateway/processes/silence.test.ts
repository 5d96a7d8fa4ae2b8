import { describe, expect, test } from '@jest/globals';
import { createSilence, LOOK_MS, type SilenceChange } from '../../../service/gateway/processes/silence.ts';

const UNREADY_MS = 5_000;
const END_MS = 15_000;

/** Two workers, of which the test says who speaks, looked at as often as is due. */
function watch() {
  let time = 1_000;
  const silence = createSilence({ unreadyMs: UNREADY_MS, endMs: END_MS, now: () => time });
  silence.heard(1);
  silence.heard(2);
  return {
    silence,
    /** Lets time pass in which only these speak; what was told, with the time. */
    pass(ms: number, speaking: readonly number[]): [atMs: number, change: string][] {
      const told: [number, string][] = [];
      for (const end = time + ms; time < end;) {
        time += LOOK_MS;
        for (const worker of speaking) silence.heard(worker);
        told.push(...silence.look().map((change): [number, string] => [time - 1_000, words(change)]));
      }
      return told;
    },
    /** Nothing at all happens, in this process either, until one late look. */
    stand(ms: number): string[] {
      time += ms;
      return silence.look().map(words);
    },
  };
}

const words = ({ kind, worker }: SilenceChange): string => `${worker} ${kind}`;

describe('a worker', () => {
  test('that speaks is never told of', () => {
    const { silence, pass } = watch();
    expect(pass(60_000, [1, 2])).toEqual([]);
    expect(silence.silent()).toEqual([]);
  });

  test('that falls silent is told of once, then is to be ended, once', () => {
    const { silence, pass } = watch();
    expect(pass(60_000, [1])).toEqual([
      [UNREADY_MS, '2 silent'],
      [END_MS, '2 end'],
    ]);
    expect(silence.silent()).toEqual([{ worker: 2, silentMs: 60_000 }]);
    silence.retire(2);
    expect(silence.silent()).toEqual([]);
    expect(pass(60_000, [1])).toEqual([]);
  });

  test('that speaks again in time is told of, and is silent anew later', () => {
    const { silence, pass } = watch();
    expect(pass(10_000, [1])).toEqual([[UNREADY_MS, '2 silent']]);
    expect(pass(LOOK_MS, [1, 2])).toEqual([[10_500, '2 heard']]);
    expect(silence.silent()).toEqual([]);
    expect(pass(UNREADY_MS, [1])).toEqual([[15_500, '2 silent']]);
  });

  test('that was to be ended is no capacity any more, whatever it says', () => {
    const { silence, pass } = watch();
    pass(END_MS, [1]);
    expect(pass(1_000, [1, 2])).toEqual([]);
    expect(silence.silent()).toEqual([{ worker: 2, silentMs: 0 }]);
  });

  test('that has never spoken is not watched: it may take its time to start', () => {
    const { silence, pass } = watch();
    pass(60_000, [1, 2]);
    expect(silence.silent()).toEqual([]);
    silence.heard(3);
    expect(pass(UNREADY_MS, [1, 2])).toEqual([[65_000, '3 silent']]);
  });
});

describe('the silence of workers', () => {
  test('is forgiven by as much as this process stood still itself, however long', () => {
    const { silence, pass, stand } = watch();
    expect(stand(8 * 3_600_000)).toEqual([]);
    expect(silence.silent()).toEqual([]);
    expect(pass(60_000, [1, 2])).toEqual([]);
  });

  test('goes on after that from where it was', () => {
    const { pass, stand } = watch();
    expect(pass(UNREADY_MS - 1_000, [1])).toEqual([]);
    expect(stand(3_600_000)).toEqual([]);
    expect(pass(1_000, [1]).map(([, change]) => change)).toEqual(['2 silent']);
  });

  test('counts slower where this process itself gets its turn late', () => {
    const { stand } = watch();
    for (let look = 0; look < 9; look++) expect(stand(4 * LOOK_MS)).toEqual([]);
    expect(stand(4 * LOOK_MS)).toEqual(['1 silent', '2 silent']);
  });
});
