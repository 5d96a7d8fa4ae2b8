import { Socket } from 'node:net';

/** What lines are written to. */
export type LogPipe = {
  write(line: string): void;
  /** Bytes that the reader has not taken; 0 where nobody will. */
  waiting(): number;
};

/**
 * Writes lines to a pipe or socket as its reader takes them. By the event loop, not by a thread: a thread that writes to
 * a full pipe waits for its reader, cannot be taken back, and keeps the process from ending.
 * One line at a time, since several processes may write to the same pipe, and a write of many lines may be cut.
 */
export function createLogPipe(file: number, maxBytes: number, onDrop: () => void): LogPipe {
  const lines: string[] = [];
  let bytes = 0;
  let isWriting = false;
  let isGone = false;
  const pipe = open(file);
  const leave = (): void => {
    isGone = true;
    for (const _line of lines.splice(0)) onDrop();
    bytes = 0;
  };
  const next = (): void => {
    const line = lines.shift();
    isWriting = line !== undefined && !isGone;
    if (line === undefined || isGone) return;
    bytes -= Buffer.byteLength(line);
    pipe?.write(line, next);
  };
  // The other end does not come back.
  if (pipe) pipe.on('error', leave);
  else leave();
  return {
    write(line) {
      const size = Buffer.byteLength(line);
      if (isGone || bytes + size > maxBytes) {
        onDrop();
        return;
      }
      lines.push(line);
      bytes += size;
      if (!isWriting) next();
    },
    waiting: () => (isGone ? 0 : bytes + (pipe?.writableLength ?? 0)),
  };
}

/** Undefined where the file is not open. */
function open(file: number): Socket | undefined {
  try {
    const pipe = new Socket({ fd: file, readable: false, writable: true });
    // Writing keeps the process going, having a log does not.
    pipe.unref();
    return pipe;
  } catch {
    return undefined;
  }
}
