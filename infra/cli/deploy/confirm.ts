import { UsageError } from '../errors.ts';
import { NOTHING_CHANGED, unlessBroken } from './break-off.ts';
import type { Desk } from './desk.ts';

/** Refuses, before anything is done, what would have to ask where nobody is there to answer. Throws a UsageError. */
export function requireAttended(yes: boolean | undefined, desk: Desk): void {
  if (yes || desk.ask) return;
  throw new UsageError('this asks before it changes anything, and there is no terminal to ask on; say --yes');
}

/** Whether a person typed the word that they were asked for, or said `--yes`. */
export async function isConfirmed(
  question: string,
  word: string,
  yes: boolean | undefined,
  desk: Desk,
): Promise<boolean> {
  if (yes) return true;
  const asked = async (): Promise<string> => (await desk.ask?.(`${question} Type ${word} to go on: `)) ?? '';
  if ((await unlessBroken(desk, NOTHING_CHANGED, asked)).trim() === word) return true;
  desk.err('nothing was changed\n');
  return false;
}
