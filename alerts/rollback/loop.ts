/** What a loop does, and by whose clock. */
export type LoopOptions = {
  /** One turn; resolves with the milliseconds until the next. A loop goes on only where it never rejects. */
  readonly turn: () => Promise<number>;
  /** Calls back after some milliseconds, unless what it returns is called before. */
  readonly after: (milliseconds: number, call: () => void) => () => void;
};

/** A loop that runs. */
export type Loop = {
  /** Begins the next turn now, or as soon as the one under way is over. */
  readonly wake: () => void;
  /** Resolves when the turn under way is over; there is none after it. */
  readonly stop: () => Promise<void>;
};

/** Turns one after the other, never two at once. */
export function startLoop({ turn, after }: LoopOptions): Loop {
  let cancel = (): void => undefined;
  let running: Promise<void> | undefined;
  let isWoken = false;
  let isStopped = false;

  const begin = (): void => {
    cancel();
    isWoken = false;
    running = turn().then((pause) => {
      running = undefined;
      if (!isStopped) cancel = after(isWoken ? 0 : pause, begin);
    });
  };
  begin();
  return {
    wake() {
      isWoken = true;
      if (!running && !isStopped) begin();
    },
    async stop() {
      isStopped = true;
      cancel();
      await running;
    },
  };
}

/** Node's own timers. */
export function afterRealTime(milliseconds: number, call: () => void): () => void {
  const timer = setTimeout(call, milliseconds);
  return () => clearTimeout(timer);
}
