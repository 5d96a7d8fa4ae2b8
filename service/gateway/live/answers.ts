import { zip } from '../accepted-format.ts';
import type { Live } from './live.ts';

/** The bytes of an answer. */
export type Answers = {
  /** What has come since a time; the very same bytes for all who ask for the same within a second, until more comes. */
  read(since: number | undefined, zipped: boolean): Promise<Buffer>;
};

type Answer = { readonly plain: Buffer; zipped?: Promise<Buffer> };

/** Milliseconds that an answer is given to others as well. */
const SHARED_MS = 1_000;

/** Writes answers so that ten thousand who look cost as much as one; `clock` in milliseconds, default monotonic. */
export function createAnswers(live: Live, clock: () => number = () => performance.now()): Answers {
  const written = new Map<number | 'all', Answer>();
  let until = 0;
  let newest: number | undefined;
  return {
    read(since, zipped) {
      if (clock() >= until || live.newest() !== newest) {
        written.clear();
        until = clock() + SHARED_MS;
        newest = live.newest();
      }
      // There are as many different answers as there are points, whatever is asked for; of as many newer points the
      // next snapshot makes others.
      const key = since === undefined ? 'all' : live.newer(since);
      const answer = written.get(key) ?? { plain: Buffer.from(JSON.stringify(live.read(since))) };
      written.set(key, answer);
      return zipped ? (answer.zipped ??= zip(answer.plain)) : Promise.resolve(answer.plain);
    },
  };
}
