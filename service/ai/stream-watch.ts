import type { RelayTap } from '../gateway/relay.ts';
import { createEventData } from './event-data.ts';
import { findUsage, type Usage } from './usage.ts';

/** What a stream came to. */
export type StreamEnd = {
  /** Whether every byte has come. */
  readonly isWhole: boolean;
  /** What the provider says that it took; undefined where it said nothing. */
  readonly usage: Usage | undefined;
  /** The beginning of what was answered, for counting; and the length of all of it, in characters. */
  readonly text: string;
  readonly length: number;
  /** Events that brought something of the answer. */
  readonly events: number;
  /** When the first and the last of them came, by the clock of `now`; undefined where none did. */
  readonly first: number | undefined;
  readonly last: number | undefined;
};

/** Settings of the watching. */
export type StreamWatchOptions = {
  /** Told when the first of the answer comes. */
  readonly onFirst: () => void;
  readonly onEnd: (end: StreamEnd) => void;
  /** Monotonic clock in milliseconds. */
  readonly now: () => number;
};

/** An event that brings something of the answer: text that is not empty, or arguments of a tool. */
const TOKEN = /"(?:content|reasoning_content|refusal|text|arguments|delta)"\s*:\s*"((?:[^"\\]|\\.)+)/;
/** Characters of an answer that are kept: enough to tell how many of them make a token. */
const KEPT = 4_096;

/** Looks on while a stream comes, whoever takes it, and tells once what it came to, however it ends. */
export function watchStream({ onFirst, onEnd, now }: StreamWatchOptions): RelayTap {
  let first: number | undefined;
  let last: number | undefined;
  let events = 0;
  let length = 0;
  let text = '';
  let usage: Usage | undefined;
  const write = createEventData((data) => {
    const token = TOKEN.exec(data)?.[1];
    if (token !== undefined) {
      last = now();
      if (first === undefined) onFirst();
      first ??= last;
      events++;
      length += token.length;
      if (text.length < KEPT) text += token;
    }
    usage = findUsage(data) ?? usage;
  });
  const end = (isWhole: boolean): void => onEnd({ isWhole, usage, text, length, events, first, last });
  return { write, end: () => end(true), fail: () => end(false) };
}
