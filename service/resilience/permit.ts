import type { Lane } from '../definition/index.ts';

/**
 * Why a request was refused a place: as many requests are in flight as may be; its lane's queue is full; it gave way to
 * another while it waited; it waited too long; as many streams last as may.
 */
export const SHED_REASONS = ['in-flight', 'queue-full', 'displaced', 'max-wait', 'streams'] as const;

/** One of SHED_REASONS. */
export type ShedReason = (typeof SHED_REASONS)[number];

/** What a request is told that gets no place. */
export type Refusal = {
  readonly lane: Lane;
  readonly reason: ShedReason;
  /** Whole seconds, from 1 to 30, after which another try may succeed; random, so that clients come back apart. */
  readonly retryAfterSeconds: number;
};

/** A request's place in its lane, from the moment it is let in until `release`. */
export type Permit = {
  /**
   * Undefined where the work may begin at once. Else resolves when it may, with undefined, or with a refusal when it
   * may not at all; rejects with the signal's reason when that aborts, and with an AbortError on `release`.
   */
  readonly turn: Promise<Refusal | undefined> | undefined;
  /**
   * Tells the lane's concurrency limit of the time to the first byte, which is now; the first call counts. `dropped`
   * says that the work timed out or was refused by what it called.
   */
  observe(dropped: boolean): void;
  /** Gives the place in the lane to the next and takes one among the streams; refused where there is none. */
  becomeStream(): Refusal | undefined;
  /** Gives back whatever it holds; further calls do nothing. */
  release(): void;
};
