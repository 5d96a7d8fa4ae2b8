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
  /** For people and metrics. Whether to call is for `enter` to say: it alone lets a probe through. */
  readonly state: BreakerState;
  /** Milliseconds until an open breaker lets a probe through; 0 in any other state. */
  readonly retryAfterMs: number;
  /** Lets a call through; undefined when none may pass now. */
  enter(): BreakerCall | undefined;
};

/** Why a breaker is in its state: which bound opened it, or what let it go on. */
export type BreakerCause =
  'consecutive-failures' | 'failure-rate' | 'slow-rate' | 'probe-failed' | 'forced' | 'time-over' | 'probed' | 'reset';

/** One change of a breaker's state. */
export type BreakerTransition = {
  readonly name: string;
  readonly from: BreakerState;
  readonly to: BreakerState;
  readonly cause: BreakerCause;
};

/** A breaker as people read it. */
export type BreakerRow = {
  readonly name: string;
  readonly state: BreakerState;
  /** When the state began, in the form of ISO 8601. */
  readonly since: string;
  /** What led to the state; undefined as long as it never changed. */
  readonly cause: BreakerCause | undefined;
  /** Of the window: calls that ended, those of them that failed, and those that were slow. */
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
  readonly retryAfterMs: number;
};

/** A breaker with what its operators need. */
export type ManagedBreaker = Breaker & {
  /**
   * Whether it keeps calls away, as far as anybody can know: open, or half-open and asked within the last five minutes.
   * A half-open one that nobody asks stays so for good, and says nothing of the dependency.
   */
  readonly isEngaged: boolean;
  row(): BreakerRow;
  /** Opens it for its usual time from now on, whatever its state. */
  forceOpen(): void;
  /** Closes it and forgets what it counted. */
  reset(): void;
};
