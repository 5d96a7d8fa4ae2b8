import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Relay } from './relay.ts';

/** How the sending of a streamed body ended. */
export type StreamEnd = {
  /** Why it is not whole; undefined when it is. */
  readonly error: unknown;
  /** Whether the client left before its end. */
  readonly left: boolean;
};

/**
 * Sends a body as it comes, at the client's pace, after `writeHead`; `onEnd` is called once. A body that breaks off or
 * lasts longer than `timeoutMs` cuts the client's connection: what was sent is never taken for a whole answer. A client
 * that leaves ends the body's source.
 */
export function sendStream(
  response: ServerResponse,
  body: Relay | Readable,
  timeoutMs: number,
  onEnd: (end: StreamEnd) => void,
): void {
  if (body instanceof Relay) sendRelay(response, body, timeoutMs, onEnd);
  else void sendReadable(response, body, timeoutMs, onEnd);
}

function sendRelay(response: ServerResponse, relay: Relay, timeoutMs: number, onEnd: (end: StreamEnd) => void): void {
  let over = false;
  const finish = (error: unknown, left: boolean): void => {
    over = true;
    clearTimeout(timer);
    response.off('drain', resume);
    onEnd({ error, left });
  };
  const cut = (error: unknown): void => {
    if (over) return;
    relay.cancel();
    const left = response.destroyed;
    // A client of HTTP/1.0 takes the end of the connection for the end of the body: only a reset tells it otherwise.
    if (relay.length === undefined && response.req.httpVersion === '1.0') response.socket?.resetAndDestroy();
    else response.destroy();
    finish(error, left);
  };
  const resume = (): void => relay.resume();
  const timer = setTimeout(() => cut(new DOMException('The stream lasted too long', 'TimeoutError')), timeoutMs);
  response.on('drain', resume).on('error', cut);
  response.on('close', () => {
    if (!over) cut(new DOMException('The client left', 'AbortError'));
  });
  // The head does not wait for a body that takes its time.
  if (relay.waiting === 0) response.flushHeaders();
  relay.pipe({
    write: (chunk) => response.write(chunk),
    end: () =>
      response.end(() => {
        if (!over) finish(undefined, false);
      }),
    fail: cut,
  });
}

async function sendReadable(
  response: ServerResponse,
  body: Readable,
  timeoutMs: number,
  onEnd: (end: StreamEnd) => void,
): Promise<void> {
  response.flushHeaders();
  const signal = AbortSignal.timeout(timeoutMs);
  let end: StreamEnd;
  try {
    await pipeline(body, response, { signal });
    end = { error: undefined, left: false };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    end = { error, left: !signal.aborted && code === 'ERR_STREAM_PREMATURE_CLOSE' };
  }
  onEnd(end);
}
