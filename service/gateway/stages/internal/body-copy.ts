import { Readable, Transform, pipeline } from 'node:stream';
import { Relay } from '../../relay.ts';
import type { Reply } from '../../reply.ts';

/** Why there is no copy of a body. */
export type NoCopy = 'broken' | 'larger';

/** A body that is passed on, and a copy of all of it once it has come to its end. */
export type CopiedBody = {
  /** To be sent in the place of the one that was copied. */
  readonly body: Reply['body'];
  /** Why there is none: it broke off or was given up, or it was larger than allowed. Never rejects. */
  readonly whole: Promise<Buffer | NoCopy>;
};

/** Copies a body while somebody else takes it, at that one's pace. */
export function copyBody(body: Reply['body'], maxBytes: number): CopiedBody {
  if (body instanceof Relay) return { body, whole: copyRelay(body, maxBytes) };
  if (body instanceof Readable) return copyStream(body, maxBytes);
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body ?? '');
  return { body, whole: Promise.resolve(bytes.length > maxBytes ? 'larger' : bytes) };
}

/** Whether it is known of a body beforehand that it is larger than this. */
export function isLarger(body: Reply['body'], maxBytes: number): boolean {
  if (body instanceof Relay) return (body.length ?? 0) > maxBytes;
  return typeof body === 'string' || Buffer.isBuffer(body) ? Buffer.byteLength(body) > maxBytes : false;
}

/** Takes a body to its end, for the sake of its copies. */
export function drain(body: Reply['body']): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => resolve();
    if (body instanceof Relay) body.pipe({ write: () => true, end: done, fail: done });
    else if (body instanceof Readable) body.resume().once('close', done).once('error', done);
    else done();
  });
}

/** Nobody wants a body. */
export function discard(body: Reply['body']): void {
  if (body instanceof Relay) body.discard();
  else if (body instanceof Readable) body.once('error', () => undefined).destroy();
}

function copyRelay(relay: Relay, maxBytes: number): Promise<Buffer | NoCopy> {
  return new Promise((resolve) => {
    const copy = new Copy(maxBytes);
    relay.tap({
      write: (chunk) => copy.add(chunk),
      end: () => resolve(copy.whole),
      fail: () => resolve('broken'),
    });
  });
}

function copyStream(source: Readable, maxBytes: number): CopiedBody {
  const copy = new Copy(maxBytes);
  const body = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      copy.add(chunk);
      next(null, chunk);
    },
  });
  const whole = new Promise<Buffer | NoCopy>((resolve) =>
    pipeline(source, body, (error) => resolve(error ? 'broken' : copy.whole)),
  );
  return { body, whole };
}

class Copy {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get whole(): Buffer | NoCopy {
    return this.#size > this.#maxBytes ? 'larger' : Buffer.concat(this.#chunks);
  }

  add(chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size <= this.#maxBytes) this.#chunks.push(chunk);
    else this.#chunks = [];
  }
}
