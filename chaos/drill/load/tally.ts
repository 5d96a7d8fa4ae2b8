import type { LaneResult } from '../../report/run.ts';
import type { LaneFigures } from '../events.ts';
import { isLost, type SentRequest } from './request.ts';

/** The value that a share of the values does not exceed (nearest rank); undefined of none. */
export function quantile(values: readonly number[], share: number): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)];
}

/** The seconds of those that were answered correctly at once. */
export function answerTimes(requests: readonly SentRequest[]): number[] {
  return requests.flatMap(({ first }) => (first && !first.failure ? [first.seconds] : []));
}

/** Requests that failed at first. */
export function failedAtFirst(requests: readonly SentRequest[]): readonly SentRequest[] {
  return requests.filter(({ first }) => first?.failure !== undefined);
}

/** What became of the requests, by lane. */
export function laneResults(requests: readonly SentRequest[]): readonly LaneResult[] {
  return byLane(requests).map(([lane, sent]) => {
    const times = answerTimes(sent);
    const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
    return {
      lane,
      sent: sent.length,
      failedOnce: failedAtFirst(sent).length,
      lost: sent.filter(isLost).length,
      ...(p50 !== undefined && { p50 }),
      ...(p99 !== undefined && { p99 }),
      reasons: reasonsOf(sent),
    };
  });
}

/** Why tries failed, and how often, the most frequent first. */
export function reasonsOf(requests: readonly SentRequest[]): Readonly<Record<string, number>> {
  const reasons = requests.flatMap(({ first, second }) =>
    [first, second].flatMap((each) => each?.failure?.reason ?? []),
  );
  const counts = [...Map.groupBy(reasons, (reason) => reason)].map(([reason, all]) => [reason, all.length] as const);
  return Object.fromEntries(counts.sort(([a, m], [b, n]) => n - m || a.localeCompare(b)));
}

/**
 * What the lanes met in the second that ends at a time: what was sent in it, and of what was answered or failed in it
 * the failures and the times.
 */
export function figuresAt(requests: readonly SentRequest[], end: number): readonly LaneFigures[] {
  const isWithin = (at: number | undefined): boolean => at !== undefined && at > end - 1000 && at <= end;
  return byLane(requests).map(([lane, sent]) => {
    const ended = sent.filter(({ first }) => isWithin(first?.endedAt));
    const p99 = quantile(answerTimes(ended), 0.99);
    return {
      lane,
      sent: sent.filter(({ at }) => isWithin(at)).length,
      failed: failedAtFirst(ended).length,
      lost: sent.filter(isLost).length,
      ...(p99 !== undefined && { p99 }),
    };
  });
}

function byLane(requests: readonly SentRequest[]): readonly (readonly [string, readonly SentRequest[]])[] {
  return [...Map.groupBy(requests, ({ lane }) => lane)].sort(([a], [b]) => (a < b ? -1 : 1));
}
