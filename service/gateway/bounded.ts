import type { ServerResponse } from 'node:http';

/** How much of a page may be on its way. */
export type BoundedOptions = {
  /** What is asked for, in the plural, for the words of a refusal. */
  readonly what: string;
  /** Answers that may be on their way at once; more are refused with 503. */
  readonly maxOpen: number;
  /** Milliseconds after which an answer is cut that nobody has taken. */
  readonly patienceMs: number;
};

/**
 * A function that admits an answer, or refuses it and says false: whoever does not read holds an answer for as long as
 * the patience lasts, and nothing more.
 */
export function bounded({ what, maxOpen, patienceMs }: BoundedOptions): (response: ServerResponse) => boolean {
  let open = 0;
  return (response) => {
    // Whoever has left while the page was not there yet is told nothing, and would never give the place back.
    if (response.destroyed) return false;
    if (open >= maxOpen) {
      response.writeHead(503, { 'content-type': 'text/plain', 'retry-after': '1' });
      response.end(`as many ${what} are under way as may be\n`);
      return false;
    }
    open++;
    // The connection itself: a response that waits behind another of it does not have it yet, and could not end it.
    const timer = setTimeout(() => response.req.socket.destroy(), patienceMs).unref();
    response.once('close', () => {
      clearTimeout(timer);
      open--;
    });
    return true;
  };
}
