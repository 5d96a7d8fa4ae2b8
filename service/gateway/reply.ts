import type { Readable } from 'node:stream';

/** An answer of a stage or handler, before the gateway's own headers are added. */
export type Reply = {
  readonly status: number;
  /** Flat: name, value, name, value; names in lower case. */
  readonly headers: readonly string[];
  /** Whole, or a stream that is passed on as it comes; null for an answer without a body. */
  readonly body: string | Buffer | Readable | null;
};

/** An answer with a JSON body. */
export function json(status: number, value: unknown, headers: readonly string[] = []): Reply {
  return { status, headers: ['content-type', 'application/json', ...headers], body: JSON.stringify(value) };
}
