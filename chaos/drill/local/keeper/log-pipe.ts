import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';

/** A pipe that a program writes its log to, with both of its ends here, so that it can be filled. */
export type LogPipe = {
  /** The end that the program writes to. */
  readonly fd: number;
  /** The last of what was written. */
  said(): string;
  /** Reads no more, and fills the pipe, so that not a byte goes in. */
  stop(): void;
  /** Reads again, from what has been in it. */
  read(): void;
  close(): void;
};

/** What fills a pipe: whoever reads it later sees nothing. */
const PAGE = Buffer.alloc(4_096, '\n');
const FULL = 'EAGAIN';
const KEPT_CHARACTERS = 4_000;

/** Makes a pipe with a name in a folder, which is read. */
export function createLogPipe(folder: string): LogPipe {
  const path = join(folder, 'log');
  execFileSync('mkfifo', ['-m', '600', path]);
  const open = (flags: number): number => openSync(path, flags);
  // Never read: a pipe that has no reader at all would end who writes to it.
  const spare = open(constants.O_RDONLY | constants.O_NONBLOCK);
  const fd = open(constants.O_WRONLY);
  let reader: Socket | undefined;
  let said = '';
  const read = (): void => {
    if (reader) return;
    reader = new Socket({ fd: open(constants.O_RDONLY | constants.O_NONBLOCK), readable: true, writable: false });
    reader.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-KEPT_CHARACTERS)));
  };
  const stop = (): void => {
    reader?.destroy();
    reader = undefined;
    const filling = open(constants.O_WRONLY | constants.O_NONBLOCK);
    for (const chunk of [PAGE, PAGE.subarray(0, 1)]) while (isTaken(filling, chunk));
    closeSync(filling);
  };
  read();
  return {
    fd,
    said: () => said,
    read,
    stop,
    close() {
      reader?.destroy();
      closeSync(fd);
      closeSync(spare);
    },
  };
}

function isTaken(fd: number, chunk: Buffer): boolean {
  try {
    return writeSync(fd, chunk) > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === FULL) return false;
    throw error;
  }
}
