import type { Readable } from 'node:stream';
import type { ShedReason } from '../resilience/index.ts';
import type { ProblemCode, ProblemDetails } from './problem-table.ts';
import type { ReadyAnswer } from './ready-answer.ts';
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
  /** The same, put together for one that is given many times. */
  readonly ready?: ReadyAnswer | undefined;
  /** Why a lane refused for want of room, where it did; whoever shares this answer was refused as well. */
  readonly shed?: ShedReason;
  /** The problem that it tells of, for routes whose clients read another shape. */
  readonly problem?: { readonly code: ProblemCode; readonly details: ProblemDetails };
};

/** An answer with a JSON body. */
export function json(status: number, value: unknown, headers: readonly string[] = []): Reply {
  return { status, headers: ['content-type', 'application/json', ...headers], body: JSON.stringify(value) };
}
