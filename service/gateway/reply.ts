import type { Readable } from 'node:stream';
import type { Relay } from './relay.ts';

/** An answer of a stage or handler, before the gateway's own headers are added. */
export type Reply = {
  readonly status: number;
  /** Flat: name, value, name, value; names in lower case. */
  readonly headers: readonly string[];
  /**
   * Whole, or still arriving and passed on as it comes; null for an answer without a body. Content-Length follows from
   * the body; `headers` name it only where there is none and yet a length to tell, for HEAD and 304.
   */
  readonly body: string | Buffer | Relay | Readable | null;
  /** The bytes of a whole body as text with a character for each (latin1), where somebody has it at hand. */
  readonly text?: string | undefined;
};

/** Up to this size a body goes out in one write with the headers: as latin1 text, since a Buffer is a write of its own. */
export const ONE_WRITE_BYTES = 65_536;

/** An answer with a JSON body. */
export function json(status: number, value: unknown, headers: readonly string[] = []): Reply {
  return { status, headers: ['content-type', 'application/json', ...headers], body: JSON.stringify(value) };
}
