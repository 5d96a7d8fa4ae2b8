import type { Socket } from 'node:net';
import type { Charged, HitRequest, HitRequests, Seat } from './hit-requests.ts';

/** What connections have in common. */
export type ConnectionParts = {
  readonly requests: HitRequests;
  /** Whether clients are asked to connect elsewhere. */
  readonly isDraining: () => boolean;
  /** Takes over a connection that is paused and holds whatever is not answered yet. */
  readonly handOff: (connection: FastConnection) => void;
  readonly onClose: (connection: FastConnection) => void;
};

/** Answers of one read go out together up to about so many bytes. */
const BATCH = 65_536;

/**
 * One client's connection, as long as it asks for nothing but what is at hand. With the first bytes that are anything
 * else it is handed off for good, before anything of them has had an effect. Requests are answered in their order: what
 * comes while one waits for its limits stays in the socket.
 */
export class FastConnection {
  readonly socket: Socket;
  /** Whether it was ever answered here. */
  isUsed = false;
  /** When it was opened or last answered, by the monotonic clock in milliseconds. */
  since = performance.now();
  readonly #parts: ConnectionParts;
  readonly #seat: Seat;
  /** Reads nothing: waits for limits, or for a client that does not read. */
  #isBlocked = false;
  #isLast = false;
  #out = '';

  constructor(socket: Socket, parts: ConnectionParts) {
    this.socket = socket;
    this.#parts = parts;
    this.#seat = { socket };
    socket.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onError).on('close', this.#onClose);
  }

  /** Whether nothing is being done for it. */
  get isIdle(): boolean {
    return !this.#isBlocked && this.socket.writableLength === 0;
  }

  /** Leaves the socket alone, for another to go on with it. */
  release(): void {
    const { socket } = this;
    socket.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onError).off('close', this.#onClose);
  }

  readonly #onData = (chunk: Buffer): void => {
    const { requests } = this.#parts;
    // What node:http cannot read makes it forget answers to what came with it, so all of that is left to it.
    const heads = requests.read(chunk.toString('latin1'));
    if (!heads) {
      this.#leave(chunk);
      return;
    }
    let from = 0;
    for (const head of heads) {
      const request = requests.find(this.#seat, head);
      if (!request) {
        this.#flush();
        this.#leave(chunk.subarray(from));
        return;
      }
      from = head.end;
      const charged = requests.charge(request);
      if (charged instanceof Promise) {
        this.#flush();
        this.#block(chunk.subarray(from));
        void charged.then((late) => {
          this.#answer(request, late);
          this.#goOn();
        });
        return;
      }
      this.#answer(request, charged);
      if (this.#isLast || (this.#out.length >= BATCH && !this.#flush())) break;
    }
    if (this.#flush() && !this.#isLast) return;
    this.#block(chunk.subarray(from));
    this.#goOn();
  };

  readonly #onEnd = (): void => {
    // What it still waits for comes first.
    this.#isLast = true;
    if (!this.#isBlocked) this.socket.end();
  };

  readonly #onError = (): void => {
    this.socket.destroy();
  };

  readonly #onClose = (): void => {
    this.#parts.onClose(this);
  };

  #answer(request: HitRequest, charged: Charged): void {
    const { requests, isDraining } = this.#parts;
    if (isDraining()) this.#isLast = true;
    this.#out += requests.answer(request, charged);
    this.isUsed = true;
    this.since = performance.now();
  }

  /** Writes what there is to write; whether the client takes more. */
  #flush(): boolean {
    if (this.#out !== '') {
      this.socket.write(this.#out, 'latin1');
      this.#out = '';
    }
    return !this.socket.writableNeedDrain;
  }

  #leave(rest: Buffer): void {
    this.#block(rest);
    this.#parts.handOff(this);
  }

  /** Stops reading; the rest is read again. Bytes in the socket also keep it from telling that the client has ended. */
  #block(rest: Buffer): void {
    this.#isBlocked = true;
    this.socket.pause();
    if (rest.length > 0) this.socket.unshift(rest);
  }

  /** Reads on, as soon as the client has taken what it was sent; or closes. */
  readonly #goOn = (): void => {
    const hasRoom = this.#flush();
    if (this.#isLast) {
      // What the client still sends is nobody's to answer.
      this.socket.off('data', this.#onData).destroySoon();
    } else if (!hasRoom) this.socket.once('drain', this.#goOn);
    else {
      this.#isBlocked = false;
      this.socket.resume();
    }
  };
}
