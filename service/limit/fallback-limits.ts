import type { LimitStore } from './policy.ts';

/**
 * Limits that outlive their store: while the shared store does not answer, each process counts for itself.
 * Bound while it is down: the limit times the number of processes. `onError` is told of each failed call.
 */
export function withLocalFallback(
  shared: LimitStore,
  local: LimitStore,
  onError: (error: unknown) => void,
): LimitStore {
  return {
    async take(checks) {
      try {
        return await shared.take(checks);
      } catch (error) {
        onError(error);
        return local.take(checks);
      }
    },
  };
}
