import type { Clock } from './clock.ts';
import { ANSWER_LIMIT_MS, messageOf, within } from './within.ts';

/** One look at something: when it was asked for, when the answer came, and what it was. */
export type Look<T> = { readonly askedAt: number; readonly at: number; readonly value: T };

/** Something to look at again and again. */
export type Source<T> = {
  /** In words, for whoever is told that it does not answer. */
  readonly what: string;
  /** Milliseconds from one answer to the next question. */
  readonly every: number;
  readonly ask: () => Promise<T>;
  readonly take: (look: Look<T>) => void;
  /** Called where no answer came: what was seen last is no longer known. */
  readonly forget?: () => void;
  /** Whether to look now. Default: always. */
  readonly isDue?: () => boolean;
};

/** Looks at many things, each by itself: one that hangs holds up no other. */
export type Polling = {
  add<T>(source: Source<T>): void;
  /** When anything was last answered, or first asked; undefined: nothing is asked all the time. */
  answeredAt(): number | undefined;
  stop(): Promise<void>;
};

/** Polling that nothing has been added to yet. */
export function createPolling(clock: Clock, onTrouble: (what: string) => void): Polling {
  const stopping = new AbortController();
  const { signal } = stopping;
  const loops: Promise<void>[] = [];
  let answeredAt: number | undefined;

  const poll = async <T>({ what, every, ask, take, forget, isDue }: Source<T>): Promise<void> => {
    let troubled = false;
    const look = async (): Promise<void> => {
      const askedAt = clock.now();
      try {
        const value = await within(clock, ANSWER_LIMIT_MS, ask(), signal);
        answeredAt = clock.now();
        troubled = false;
        take({ askedAt, at: answeredAt, value });
      } catch (error) {
        // Stopped: nobody waits for this answer any more.
        if (signal.aborted) return;
        forget?.();
        if (!troubled) onTrouble(`${what}: ${messageOf(error)}; asked again`);
        troubled = true;
      }
    };
    while (!signal.aborted) {
      if (isDue?.() !== false) await look();
      await clock.wait(every, signal);
    }
  };

  return {
    add(source) {
      if (!source.isDue) answeredAt ??= clock.now();
      loops.push(poll(source));
    },
    answeredAt: () => answeredAt,
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}
