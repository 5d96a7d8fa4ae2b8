/** Exit codes of every command. */
export const EXIT = {
  done: 0,
  /** A check or hypothesis failed. */
  failed: 1,
  /** The command was called wrongly. */
  usage: 2,
  /** Broken off, and everything reverted. */
  aborted: 3,
  /** A program, server or port that is needed is not there. */
  unavailable: 69,
} as const;

/** The command was called wrongly: an argument or variable that it cannot work with. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A program, server or port that is needed is not there; the message says which and how to get it. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}

/** Calls a function whose plain errors are about what the user gave; they become UsageErrors that name it. */
export function asUsage<T>(given: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof Error) || error.constructor !== Error || 'code' in error) throw error;
    throw new UsageError(`${given}: ${error.message}`, { cause: error });
  }
}
