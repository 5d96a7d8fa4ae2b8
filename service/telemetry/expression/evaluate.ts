import type { Expression } from './expression.ts';
import { prepare } from './prepare.ts';
import type { Recording, Sample } from './recording.ts';

/** The value of an expression at the newest snapshot; whoever asks again after the next one prepares it instead. */
export function evaluate(expression: Expression, recording: Recording, windowSeconds: number): readonly Sample[] {
  const { labels, read } = prepare(expression, recording, windowSeconds);
  const values = read();
  return labels.flatMap((each, index) => {
    const value = values[index];
    return value === undefined ? [] : [{ labels: each, value }];
  });
}
