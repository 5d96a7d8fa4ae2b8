/** Where the bytes of a relay come from. */
export type RelaySource = {
  /** Asks for no further bytes; what is under way may still come. */
  pause(): void;
  resume(): void;
  /** Ends it: its connection is closed. */
  abort(reason: Error): void;
};

/** Who takes the bytes of a relay. Nothing more is called after `end` or `fail`. */
export type RelaySink = {
  /** False asks for no more until the relay's `resume`. */
  write(chunk: Buffer): boolean;
  /** Every byte has come. */
  end(): void;
  /** It broke off: what was written is not whole. */
  fail(error: Error): void;
};

/** Who looks on: told of each chunk as it comes, and of one end. Its methods must neither throw nor keep anybody waiting. */
export type RelayTap = Omit<RelaySink, 'write'> & { write(chunk: Buffer): void };

/** Bytes that wait for whoever takes them, beyond which the source is paused. */
const HIGH_WATER = 65_536;
/** What is left of an unwanted body is read up to this many bytes and this long, so that its connection stays of use. */
const DISCARDED_BYTES = 65_536;
const DISCARD_MS = 1_000;

/**
 * A body that is still arriving. Bytes are kept until somebody takes them, at most about 64 KiB. Exactly one may take
 * them: `whole` where all has come already, else `pipe`, `collect` or iteration. Whoever does not want them calls
 * `cancel` or `discard`. Any number may look on (`tap`, `copy`) if they begin before the taking.
 */
export class Relay implements AsyncIterable<Buffer> {
  /** Bytes that were announced; undefined when only the end will tell. */
  readonly length: number | undefined;
  readonly #source: RelaySource;
  #state: 'arriving' | 'complete' | 'failed' = 'arriving';
  #error: Error | undefined;
  #chunks: Buffer[] = [];
  #kept = 0;
  #sink: RelaySink | undefined;
  #taps: RelayTap[] | undefined;

  constructor(source: RelaySource, length?: number) {
    this.#source = source;
    this.length = length;
  }

  /** How many bytes have come and wait for whoever takes them. */
  get waiting(): number {
    return this.#kept;
  }

  /** All bytes at once, where all have come and nobody has taken them; undefined otherwise. */
  get whole(): Buffer | undefined {
    if (this.#state !== 'complete' || this.#sink) return undefined;
    const [only] = this.#chunks;
    return this.#chunks.length === 1 && only ? only : Buffer.concat(this.#chunks);
  }

  /** Gives all bytes to a sink, at its pace: those that have come at once, the others as they come. Throws when taken. */
  pipe(sink: RelaySink): void {
    if (this.#sink) throw new Error('the body has been taken already');
    this.#sink = sink;
    let ready = true;
    for (const chunk of this.#chunks) ready = sink.write(chunk);
    this.#chunks = [];
    this.#kept = 0;
    if (this.#state === 'complete') sink.end();
    else if (this.#error) sink.fail(this.#error);
    else if (ready) this.#source.resume();
    else this.#source.pause();
  }

  /** The sink takes bytes again. */
  resume(): void {
    if (this.#state === 'arriving') this.#source.resume();
  }

  /** Takes all bytes; undefined, and the rest is given up, when they are more than `maxBytes`. Rejects when it breaks off. */
  collect(maxBytes: number): Promise<Buffer | undefined> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const write = (chunk: Buffer): boolean => {
        size += chunk.length;
        if (size <= maxBytes) chunks.push(chunk);
        else {
          this.cancel();
          resolve(undefined);
        }
        return true;
      };
      this.pipe({ write, end: () => resolve(Buffer.concat(chunks)), fail: reject });
    });
  }

  /** Looks on: told of the bytes that have come and of each that comes. Throws when somebody has begun to take them. */
  tap(tap: RelayTap): void {
    if (this.#sink) throw new Error('the body has been taken already');
    for (const chunk of this.#chunks) tap.write(chunk);
    if (this.#state === 'complete') tap.end();
    else if (this.#error) tap.fail(this.#error);
    else (this.#taps ??= []).push(tap);
  }

  /**
   * A copy of all bytes, made while somebody else takes them and at that one's pace. Undefined when they are more than
   * `maxBytes`, or when the body broke off or was given up; never rejects.
   */
  copy(maxBytes: number): Promise<Buffer | undefined> {
    if (this.length !== undefined && this.length > maxBytes) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      let chunks: Buffer[] = [];
      let size = 0;
      const write = (chunk: Buffer): void => {
        size += chunk.length;
        if (size <= maxBytes) chunks.push(chunk);
        else {
          chunks = [];
          resolve(undefined);
        }
      };
      this.tap({ write, end: () => resolve(Buffer.concat(chunks)), fail: () => resolve(undefined) });
    });
  }

  /** Nobody wants the rest: its connection is closed, taps are told of a failure, the sink of nothing more. */
  cancel(reason: Error = new DOMException('Nobody reads on', 'AbortError')): void {
    if (this.#state !== 'arriving') return;
    this.#sink = IGNORED;
    this.fail(reason);
    this.#source.abort(reason);
  }

  /** Nobody wants any of it: a little is read to its end for the connection's sake, more is cut off. */
  discard(): void {
    if (this.#state !== 'arriving') return;
    if ((this.length ?? 0) > DISCARDED_BYTES) {
      this.cancel();
      return;
    }
    let left = DISCARDED_BYTES;
    const timer = setTimeout(() => this.cancel(), DISCARD_MS).unref();
    const done = (): void => clearTimeout(timer);
    const write = (chunk: Buffer): boolean => {
      left -= chunk.length;
      if (left < 0) {
        done();
        this.cancel();
      }
      return true;
    };
    this.pipe({ write, end: done, fail: done });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    const chunks: Buffer[] = [];
    let wake = (): void => undefined;
    const write = (chunk: Buffer): boolean => {
      chunks.push(chunk);
      wake();
      return false;
    };
    this.pipe({ write, end: () => wake(), fail: () => wake() });
    try {
      for (;;) {
        for (let chunk = chunks.shift(); chunk; chunk = chunks.shift()) yield chunk;
        // Read again after the consumer was away: the end may have come in between.
        if (this.#state === 'arriving') {
          const next = new Promise<void>((resolve) => (wake = resolve));
          this.resume();
          await next;
        } else if (chunks.length === 0) break;
      }
      if (this.#error) throw this.#error;
    } finally {
      this.cancel();
    }
  }

  /** For the source: bytes have come. */
  push(chunk: Buffer): void {
    if (this.#state !== 'arriving') return;
    if (this.#taps) for (const tap of this.#taps) tap.write(chunk);
    if (this.#sink) {
      if (!this.#sink.write(chunk)) this.#source.pause();
      return;
    }
    this.#chunks.push(chunk);
    this.#kept += chunk.length;
    if (this.#kept >= HIGH_WATER) this.#source.pause();
  }

  /** For the source: every byte has come. */
  end(): void {
    if (this.#state !== 'arriving') return;
    this.#state = 'complete';
    if (this.#taps) for (const tap of this.#taps) tap.end();
    this.#sink?.end();
  }

  /** For the source: it broke off. */
  fail(error: Error): void {
    if (this.#state !== 'arriving') return;
    this.#state = 'failed';
    this.#error = error;
    if (this.#taps) for (const tap of this.#taps) tap.fail(error);
    this.#sink?.fail(error);
  }
}

const IGNORED: RelaySink = { write: () => true, end: () => undefined, fail: () => undefined };
