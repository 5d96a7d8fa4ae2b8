import type { RelayTap } from '../gateway/relay.ts';
import { createEventData } from './event-data.ts';
import type { ModelCells } from './model-cells.ts';
import { findUsage, type Usage } from './usage.ts';

/** What a stream is measured with. */
export type StreamWatchOptions = {
  readonly counted: ModelCells;
  /** When the model was asked. */
  readonly askedAt: number;
  readonly now: () => number;
};

/** An event that brings something of the answer: text that is not empty, or arguments of a tool. */
const TOKEN = /"(?:content|reasoning_content|text|arguments|delta)"\s*:\s*"[^"]/;

/**
 * Looks on while a stream comes. The first token is told as it comes; the time of the others at the end of a whole
 * stream, by the provider's count of tokens or else by events; tokens and cost as the stream's last usage says,
 * however it ends. A client that asked for no usage gets none, and then there is none to count.
 */
export function watchStream({ counted, askedAt, now }: StreamWatchOptions): RelayTap {
  let first: number | undefined;
  let last = 0;
  let events = 0;
  let usage: Usage | undefined;
  const write = createEventData((text) => {
    if (TOKEN.test(text)) {
      last = now();
      if (first === undefined) counted.firstToken((last - askedAt) / 1000);
      first ??= last;
      events++;
    }
    usage = findUsage(text) ?? usage;
  });
  return {
    write,
    end() {
      counted.duration((now() - askedAt) / 1000);
      const following = (usage?.output ?? events) - 1;
      if (first !== undefined && following > 0) counted.perToken((last - first) / 1000 / following);
      if (usage) counted.use(usage);
    },
    fail() {
      if (usage) counted.use(usage);
    },
  };
}
