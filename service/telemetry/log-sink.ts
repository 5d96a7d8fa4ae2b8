import sonicBoom from 'sonic-boom';

/** Where the lines of a log go. */
export type LogSink = {
  write(line: string): void;
  /** Calls back once all is written, or cannot be within a moment. */
  flush(callback: () => void): void;
};

/** Settings of a sink. */
export type LogSinkOptions = {
  /** Number of the open file that lines are written to; default standard output. */
  readonly file?: number;
  /** Bytes that may wait for a slow reader. */
  readonly maxBytes: number;
  /** Told of each line that was dropped: there was no room for it, or nobody to read it any more. */
  readonly onDrop: () => void;
};

/** The longest an ending process waits for a reader. */
const FLUSH_MS = 1_000;
/** A write that takes longer has no reader. */
const STUCK_MS = 500;

/**
 * Writes lines without ever waiting for whoever reads them. A reader that stops costs `maxBytes` and the lines after
 * them; one that has gone costs all further lines, and no more.
 */
export function createLogSink({ file = 1, maxBytes, onDrop }: LogSinkOptions): LogSink {
  let ending = false;
  const boom = new sonicBoom.SonicBoom({ fd: file, sync: false, maxLength: maxBytes, retryEAGAIN: () => !ending });
  let waiting = 0;
  let since = 0;
  let isGone = false;
  boom.on('drop', onDrop);
  boom.on('write', (bytes: number) => {
    waiting = Math.max(0, waiting - bytes);
    since = performance.now();
  });
  boom.on('drain', () => (waiting = 0));
  boom.on('error', ({ code }: NodeJS.ErrnoException) => {
    // A disk that is full may have room again, and what waits is tried anew; the other end of a pipe does not come back.
    isGone ||= code === 'EPIPE' || code === 'EBADF';
  });
  process.once('exit', () => {
    ending = true;
    // The last lines of a process that ends by itself; with nobody to take them, this would wait for ever.
    const isStuck = waiting > 0 && performance.now() - since > STUCK_MS;
    if (isGone || isStuck) return;
    try {
      boom.flushSync();
    } catch {
      // The reader has gone in this moment.
    }
  });
  return {
    write(line) {
      if (isGone) {
        onDrop();
        return;
      }
      if (waiting === 0) since = performance.now();
      const bytes = Buffer.byteLength(line);
      if (waiting + bytes <= maxBytes) waiting += bytes;
      boom.write(line);
    },
    flush(callback) {
      const deadline = performance.now() + FLUSH_MS;
      const look = (): void => {
        if (waiting === 0 || isGone || performance.now() > deadline) callback();
        else setTimeout(look, 5);
      };
      look();
    },
  };
}
