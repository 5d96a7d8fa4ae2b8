import { ask } from '../ask.ts';

const ANSWER_MS = 2_000;

/** Whether a page answers 200 now. */
export async function answers(url: string): Promise<boolean> {
  return (await ask(url, { timeout: ANSWER_MS })).status === 200;
}
