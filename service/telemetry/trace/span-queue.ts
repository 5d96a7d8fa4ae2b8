/** What became of spans that were to be exported. */
export type ExportOutcome = 'exported' | 'dropped' | 'failed';

/** Settings of a queue. */
export type SpanQueueOptions<Item> = {
  /** Sends some; false, or a rejection, where the collector did not take them. Must settle by itself in bounded time. */
  readonly send: (items: readonly Item[]) => Promise<boolean>;
  /** Spans of an item: what is bounded and counted. */
  readonly sizeOf: (item: Item) => number;
  /** Spans that may wait; what would exceed it is dropped. */
  readonly capacity: number;
  /** Spans that are sent at once, so that writing them down does not hold up requests. */
  readonly batch: number;
  /** Milliseconds until what waits is sent. */
  readonly delayMs: number;
  /** Told of so many spans. */
  readonly onOutcome: (outcome: ExportOutcome, spans: number) => void;
};

/**
 * What waits for the collector: bounded, sent in batches one after the other. Whoever adds to it never waits, and a
 * collector that is slow or gone costs what waits for it, counted, and nothing else.
 */
export class SpanQueue<Item> {
  readonly #options: SpanQueueOptions<Item>;
  #waiting: Item[] = [];
  #spans = 0;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #closed = false;

  constructor(options: SpanQueueOptions<Item>) {
    this.#options = options;
  }

  /** Adds an item, or drops it whole where there is no room. */
  add(item: Item): void {
    const { sizeOf, capacity, delayMs, onOutcome } = this.#options;
    const spans = sizeOf(item);
    // Also for an item without room: what fills the queue may be left from a sending that failed, and waits for this.
    if (!this.#closed) this.#timer ??= setTimeout(() => void this.#start(), delayMs).unref();
    if (this.#closed || this.#spans + spans > capacity) {
      onOutcome('dropped', spans);
      return;
    }
    this.#waiting.push(item);
    this.#spans += spans;
  }

  /** Sends what waits, for at most so many milliseconds; from then on nothing is taken. */
  async close(withinMs: number): Promise<void> {
    this.#closed = true;
    let deadline: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => (deadline = setTimeout(resolve, withinMs)));
    // What was being sent when this began may have left some behind.
    await Promise.race([this.#start().then(() => this.#start()), over]);
    clearTimeout(deadline);
    const left = this.#spans;
    this.#waiting = [];
    this.#spans = 0;
    if (left > 0) this.#options.onOutcome('dropped', left);
  }

  #start(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.#sendAll().finally(() => (this.#sending = undefined));
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    const { send, onOutcome } = this.#options;
    for (let batch = this.#take(); batch.spans > 0; batch = this.#take()) {
      const taken = await send(batch.items).catch(() => false);
      onOutcome(taken ? 'exported' : 'failed', batch.spans);
      // The next batch would most likely wait as long for nothing: it gets its turn when new spans come.
      if (!taken) break;
    }
  }

  #take(): { readonly items: readonly Item[]; readonly spans: number } {
    const { sizeOf, batch } = this.#options;
    let count = 0;
    let spans = 0;
    while (count < this.#waiting.length) {
      const size = sizeOf(this.#waiting[count] as Item);
      if (count > 0 && spans + size > batch) break;
      spans += size;
      count++;
    }
    this.#spans -= spans;
    return { items: this.#waiting.splice(0, count), spans };
  }
}
