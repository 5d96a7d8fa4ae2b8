import { fstatSync } from 'node:fs';
import sonicBoom from 'sonic-boom';
import { createLogPipe } from './log-pipe.ts';

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

/** The longest an ending process waits for what is not written yet. */
const FLUSH_MS = 1_000;

/**
 * Writes lines without ever waiting for whoever reads them. A reader that stops costs `maxBytes` and the lines after
 * them; one that has gone costs all further lines, and no more.
 */
export function createLogSink({ file = 1, maxBytes, onDrop }: LogSinkOptions): LogSink {
  const { write, waiting } =
    kindOf(file) === 'pipe' ? createLogPipe(file, maxBytes, onDrop) : logFile(file, maxBytes, onDrop);
  return {
    write,
    flush(callback) {
      const deadline = performance.now() + FLUSH_MS;
      const look = (): void => {
        if (waiting() === 0 || performance.now() > deadline) callback();
        else setTimeout(look, 5);
      };
      look();
    },
  };
}

/** What is behind an open file; one that is not open counts as a pipe whose reader has gone. */
function kindOf(file: number): 'pipe' | 'file' {
  try {
    const stats = fstatSync(file);
    return stats.isFIFO() || stats.isSocket() ? 'pipe' : 'file';
  } catch {
    return 'pipe';
  }
}

/** A file, or a terminal: written by a thread that a slow disk may hold up, and nobody else. */
function logFile(file: number, maxBytes: number, onDrop: () => void) {
  const boom = new sonicBoom.SonicBoom({ fd: file, sync: false, maxLength: maxBytes });
  let waiting = 0;
  boom.on('drop', onDrop);
  boom.on('write', (bytes: number) => (waiting = Math.max(0, waiting - bytes)));
  boom.on('drain', () => (waiting = 0));
  // A disk that is full may have room again: what waits is tried anew with the next line.
  boom.on('error', () => undefined);
  process.once('exit', () => {
    try {
      boom.flushSync();
    } catch {
      // The disk is full, and nobody is left to wait for room.
    }
  });
  return {
    write(line: string): void {
      const bytes = Buffer.byteLength(line);
      if (waiting + bytes <= maxBytes) waiting += bytes;
      boom.write(line);
    },
    waiting: () => waiting,
  };
}
