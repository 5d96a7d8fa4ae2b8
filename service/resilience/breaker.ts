/** What a breaker lets through: closed everything, open nothing, half-open a few probes. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** One call that a breaker let through; exactly one of these is called, once, when it is over. */
export type BreakerCall = {
  success(): void;
  /** Timeouts, refused or broken connections, answers of 500 and above. */
  failure(): void;
  /** Neither good nor bad: the client left, or the callee asked for patience (429). */
  ignore(): void;
};

/** Stands in front of a dependency and stops asking it while it fails. */
export type Breaker = {
  readonly name: string;
  readonly state: BreakerState;
  /** Milliseconds until an open breaker lets a probe through; 0 in any other state. */
  readonly retryAfterMs: number;
  /** Lets a call through; undefined when none may pass now. */
  enter(): BreakerCall | undefined;
};
