/** Why a drill was refused; stable, for whoever tells refusals apart. */
export type RefusalCode =
  /** The environment lacks what the fault needs, or the stand cannot do it. */
  | 'does-not-fit'
  | 'no-means'
  /** The row contradicts itself. */
  | 'duplicate-id'
  | 'deadline-too-short'
  | 'duration-too-short'
  | 'least-too-long'
  | 'unknown-break'
  | 'unknown-metric'
  | 'unknown-breaker'
  | 'unknown-route'
  | 'unmeasured-bound'
  /** What runs is not as it must be before a fault. */
  | 'leftover-stays'
  | 'steady-state-red'
  | 'load-fails';

/** One reason for a refusal, as a sentence that says what, where and how to mend it. */
export type Refusal = { readonly code: RefusalCode; readonly message: string };

/** A drill was refused before anything was touched; its message holds every reason, a line each. */
export class DrillRefusedError extends Error {
  override readonly name = 'DrillRefusedError';
  /** That of the first reason. */
  readonly code: RefusalCode;
  readonly refusals: readonly Refusal[];

  constructor(refusals: readonly [Refusal, ...Refusal[]], options?: ErrorOptions) {
    super(refusals.map(({ message }) => message).join('\n'), options);
    this.code = refusals[0].code;
    this.refusals = refusals;
  }
}
