import { Worker } from 'node:worker_threads';

/** Counts tokens of texts. */
export type TokenCounter = {
  /** Tokens of a text; about right, never rejects. */
  count(text: string): Promise<number>;
  /** Ends the thread; what is still asked for is estimated. */
  close(): Promise<void>;
};

/** Settings of the counter; all have defaults. */
export type TokenCounterOptions = {
  /** After which a thread that nobody asks is ended, in milliseconds; default 15,000. */
  readonly idleMs?: number;
  /** Texts that may wait at once; further ones are estimated. Default 100. */
  readonly queue?: number;
  /** Memory of the thread in MiB: the words of the encoding take about 50. Default 96. */
  readonly memoryMiB?: number;
};

/** Characters for a token where it cannot be counted. */
const CHARACTERS_PER_TOKEN = 4;
const THREAD = new URL('./token-thread.ts', import.meta.url);

/**
 * Counts in a thread of its own (encoding cl100k, by gpt-tokenizer), which begins with the first text and ends when there
 * are none for a while: its table of words would be dead weight in every worker that never has a stream cut. The newer
 * encoding o200k takes half as much memory again.
 */
export function createTokenCounter({
  idleMs = 15_000,
  queue = 100,
  memoryMiB = 96,
}: TokenCounterOptions = {}): TokenCounter {
  const waiting = new Map<number, { readonly text: string; readonly resolve: (tokens: number) => void }>();
  let thread: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let next = 0;
  const giveUp = (): void => {
    thread = undefined;
    clearTimeout(idle);
    for (const { text, resolve } of waiting.values()) resolve(estimate(text));
    waiting.clear();
  };
  const start = (): Worker => {
    const started = new Worker(THREAD, { resourceLimits: { maxOldGenerationSizeMb: memoryMiB } });
    started.unref();
    started.on('message', ({ id, tokens }: { readonly id: number; readonly tokens: number }) => {
      waiting.get(id)?.resolve(tokens);
      waiting.delete(id);
    });
    // Without a thread everything is estimated; the next text begins another.
    started.on('error', () => undefined);
    started.once('exit', () => {
      if (thread === started) giveUp();
    });
    return started;
  };
  return {
    count(text) {
      if (waiting.size >= queue) return Promise.resolve(estimate(text));
      thread ??= start();
      clearTimeout(idle);
      idle = setTimeout(() => void thread?.terminate(), idleMs).unref();
      const id = next++;
      return new Promise((resolve) => {
        waiting.set(id, { text, resolve });
        thread?.postMessage({ id, text });
      });
    },
    async close() {
      const ending = thread;
      giveUp();
      await ending?.terminate();
    },
  };
}

function estimate(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}
