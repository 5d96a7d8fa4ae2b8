import type { Lane } from '../../../service/definition/index.ts';
import type { Ask } from '../../experiment.ts';

/** Why a try was not answered correctly. */
export type Failure = {
  /** Status and code of the problem, or the error of the network: `503 overloaded`, `ECONNRESET`, `timeout`, `cut`. */
  readonly reason: string;
  /** Whether a client would try again: not what it did wrong itself (4xx but 429). */
  readonly again: boolean;
  /** Milliseconds that it would wait before. */
  readonly pause: number;
  /** Whether the objective of errors counts it: 5xx without declared shedding, and what broke off. */
  readonly bad: boolean;
};

/** One try of a request and how it ended. */
export type Try = {
  /** Milliseconds since 1970. */
  readonly endedAt: number;
  readonly seconds: number;
  /** Absent: it was answered correctly. */
  readonly failure?: Failure;
};

/** A request that was sent, and what is known of it so far. */
export type SentRequest = {
  readonly ask: Ask;
  readonly lane: Lane;
  /** When it was sent, in milliseconds since 1970. */
  readonly at: number;
  /** Whether that was later than it had to be by more than `LATE_MS`. */
  readonly late: boolean;
  /** Absent while it is under way. */
  readonly first?: Try;
  /** The only other try, of what failed at first. */
  readonly second?: Try;
};

/** What comes later than this after its time tells of a machine that has too much to do, and not of the gateway. */
export const LATE_MS = 100;

/** Whether a request failed even after its one retry, or failed in a way that no retry helps. */
export function isLost({ first, second }: SentRequest): boolean {
  if (first?.failure === undefined) return false;
  return first.failure.again ? second?.failure !== undefined : true;
}
