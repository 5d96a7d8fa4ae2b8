import type { LearnedAnswers } from './learned-answers.ts';
import type { StreamEnd } from './stream-watch.ts';
import type { TokenCounter } from './token-counter.ts';
import type { Usage } from './usage.ts';

/** What tells, once, what a question and its answer took. */
export type Settlement = {
  /** The provider answered with an error: nothing was used. */
  nothing(): void;
  /** The answer has come whole. */
  whole(usage: Usage | undefined, body: Buffer): void;
  /** A stream is over. */
  stream(end: StreamEnd): void;
};

/** Settings of a settlement. */
export type SettlementOptions = {
  readonly caller: string;
  readonly model: string;
  /** Tokens of the question, as they were weighed. */
  readonly inputTokens: number;
  /** Whether the answer is text, and so has tokens; the numbers of an embedding have none. */
  readonly isText: boolean;
  readonly counter: TokenCounter;
  readonly learned: LearnedAnswers;
  readonly settle: (used: Usage | undefined) => void;
};

/** Characters of an answer that are counted; of a longer one the rest is taken to be alike. */
const COUNTED = 4_096;

/**
 * Settles by what the provider says. Where it says nothing, as of a stream that was cut, the tokens of the answer are
 * counted, away from the event loop, and those of the question taken as they were weighed.
 */
export function createSettlement({
  caller,
  model,
  inputTokens,
  isText,
  counter,
  learned,
  settle,
}: SettlementOptions): Settlement {
  const told = (usage: Usage): void => {
    if (usage.output !== undefined) learned.learn(caller, model, usage.output);
    settle({ ...usage, input: usage.input ?? inputTokens });
  };
  const counted = (text: string, length: number): void => {
    if (length === 0 || !isText) {
      settle({ input: inputTokens });
      return;
    }
    void counter.count(readable(text)).then((tokens) => {
      settle({ input: inputTokens, output: Math.ceil((tokens * length) / Math.max(1, text.length)) });
    });
  };
  return {
    nothing: () => settle({}),
    whole(usage, body) {
      if (usage) told(usage);
      else counted(body.toString('latin1', 0, COUNTED), body.length);
    },
    stream({ isWhole, usage, text, length }) {
      if (usage && (isWhole || usage.output !== undefined)) told(usage);
      else counted(text, length);
    },
  };
}

/** The text that the inside of a JSON string stands for; bytes that were read one by one become letters again. */
function readable(latin1: string): string {
  const text = Buffer.from(latin1, 'latin1').toString('utf8');
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    // The beginning of a whole answer, or an escape that was cut.
    return text;
  }
}
