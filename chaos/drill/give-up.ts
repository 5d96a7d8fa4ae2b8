import { toFraction } from '../../service/definition/index.ts';
import type { Experiment } from '../experiment.ts';
import type { SentRequest } from './load/request.ts';
import { failedAtFirst } from './load/tally.ts';

/** Over how long failures are counted, and how many requests make a share of them worth something. */
const WINDOW_MS = 10_000;
const MINIMUM = 20;

/** How long a stand may answer nothing at all. */
const SILENCE_MS = 15_000;

/** Why too much fails to go on; undefined: it does not. */
export function tooMuchFails(
  { abortAbove }: Pick<Experiment, 'abortAbove'>,
  requests: readonly SentRequest[],
  now: number,
): string | undefined {
  const ended = requests.filter(
    ({ lane, first }) => lane === 'critical' && first !== undefined && first.endedAt > now - WINDOW_MS,
  );
  const failed = failedAtFirst(ended).length;
  if (ended.length < MINIMUM || failed <= toFraction(abortAbove) * ended.length) return undefined;
  return `${failed} of ${ended.length} requests of the critical lane failed within ${WINDOW_MS / 1000} s, and the drill gives up above ${abortAbove}`;
}

/** Why nothing is known any more of what is drilled; undefined: something is. */
export function nothingIsSeen(answeredAt: number | undefined, now: number): string | undefined {
  if (answeredAt === undefined || now - answeredAt <= SILENCE_MS) return undefined;
  return `nothing that watches the drill has answered for ${SILENCE_MS / 1000} s`;
}
