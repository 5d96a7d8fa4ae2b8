import type { Breaker, BreakerCall } from './breaker.ts';

/** How calls are held against a breaker. */
export type GuardOptions = {
  /** Makes what is thrown instead of a call while the breaker is open. */
  readonly refuse: (breaker: Breaker) => Error;
  /**
   * What an error of a call says about the callee: `success` where the callee did answer, such as with a refusal of a
   * wrong command. Default: an AbortError is ignored, everything else is a failure.
   */
  readonly classify?: (error: unknown) => keyof BreakerCall;
};

/** Makes one call behind a breaker. */
export type Guard = <T>(call: () => Promise<T>) => Promise<T>;

/**
 * Puts a breaker in front of calls that return promises: each is let through or refused, measured, and reported by
 * how it ended. What a call throws is thrown on. A call has to have a time limit of its own: one that never ends is
 * never reported.
 */
export function guarded(breaker: Breaker, { refuse, classify = failureUnlessAborted }: GuardOptions): Guard {
  return async function guard(call) {
    const pass = breaker.enter();
    if (pass === undefined) throw refuse(breaker);
    let value;
    try {
      value = await call();
    } catch (error) {
      pass[classify(error)]();
      throw error;
    }
    pass.success();
    return value;
  };
}

function failureUnlessAborted(error: unknown): keyof BreakerCall {
  return (error as { name?: unknown } | null)?.name === 'AbortError' ? 'ignore' : 'failure';
}
