/** What a group of slots is made from. */
export type SlotsOptions = {
  /** How many can be taken at once. */
  readonly slots: number;
  /** How many may wait for one; who comes then is refused at once. */
  readonly maxWaiting: number;
  /** The longest somebody waits, in milliseconds. */
  readonly maxWaitMs: number;
};

/** No slot became free: too many wait already, or the wait was too long. */
export class NoSlotError extends Error {
  override readonly name = 'NoSlotError';
}

/** A fixed number of slots, given out in the order in which they were asked for. */
export class Slots {
  readonly #options: SlotsOptions;
  readonly #waiting = new Set<() => void>();
  #taken = 0;

  constructor(options: SlotsOptions) {
    this.#options = options;
  }

  /** Slots that are taken. */
  get taken(): number {
    return this.#taken;
  }

  /** How many wait for a slot. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Resolves with a slot taken; rejects with a NoSlotError, or with the signal's reason once that is aborted. */
  async take(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const { slots, maxWaiting } = this.#options;
    if (this.#taken < slots) {
      this.#taken++;
      return;
    }
    if (this.#waiting.size >= maxWaiting) throw new NoSlotError(`${maxWaiting} wait already for one of ${slots}`);
    await this.#wait(signal);
  }

  /** Gives a slot to who has waited longest, or back. */
  giveBack(): void {
    const [next] = this.#waiting;
    if (next) next();
    else this.#taken--;
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    const { slots, maxWaitMs } = this.#options;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(enter);
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      const enter = (): void => {
        leave();
        resolve();
      };
      const abort = (): void => {
        leave();
        reject(signal?.reason as Error);
      };
      const timer = setTimeout(() => {
        leave();
        reject(new NoSlotError(`none of ${slots} became free within ${maxWaitMs} ms`));
      }, maxWaitMs);
      this.#waiting.add(enter);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }
}
