import { guarded, type Breaker, type Guard } from '../../resilience/index.ts';
import { Problem } from '../problem.ts';

/** Replies by which Redis says that it cannot serve now. A full memory is none: it refuses writes and goes on reading. */
const CANNOT_SERVE = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|MISCONF|NOREPLICAS)\b/;

/** Calls of Redis behind its breaker: while that is open, none is made, and none makes a request wait. */
export function guardRedis(breaker: Breaker): Guard {
  return guarded(breaker, {
    refuse: ({ retryAfterMs }) =>
      new Problem('store-unavailable', {
        detail: 'Redis is being left alone.',
        headers: ['retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1000)))],
      }),
    classify: judgeRedis,
  });
}

/** What a failed call says of Redis: `success` where it answered, and others may well be served. */
export function judgeRedis(error: unknown): 'success' | 'failure' {
  const { name, message } = error as Error;
  return name === 'ReplyError' && !CANNOT_SERVE.test(message) ? 'success' : 'failure';
}

/** The same calls, each behind the guard; `onFailure` is told of each that fails or is not made. */
export function guardCalls<T extends object>(calls: T, guard: Guard, onFailure?: () => void): T {
  type Call = (...values: readonly unknown[]) => Promise<unknown>;
  const each = Object.entries(calls as Record<string, Call>).map(([name, call]): [string, Call] => [
    name,
    (...values) => {
      const answer = guard(() => call(...values));
      // Whoever asked gets the same promise, and handles its rejection.
      if (onFailure) answer.catch(onFailure);
      return answer;
    },
  ]);
  return Object.fromEntries(each) as T;
}
