import type { Evidence, Sample, Verdict } from './evidence.ts';
import { MEASURES } from './measures.ts';
import type { Policy } from './policy.ts';
import type { Release, Revision } from './release.ts';
import type { GuardEvent, Outcome, Watch } from './state.ts';

/** What is known of a release that the guard has watched, for good. Times in milliseconds since 1970. */
export type ReleaseRecord = {
  readonly format: 1;
  /** Its key: the hash and the time at which it was first seen. */
  readonly id: string;
  readonly hash: string;
  readonly release: Release;
  readonly version: string;
  readonly safeFrom: string;
  /** Who deployed it: the name of a field manager. */
  readonly writer?: string;
  readonly previous?: Revision;
  readonly seenAt: number;
  readonly firstReadyAt?: number;
  /** When its window was over, or would have been. */
  readonly windowEndsAt?: number;
  readonly trigger?: GuardEvent;
  readonly order?: GuardEvent;
  readonly samples: readonly Sample[];
  /** What was decided, from what, and by which policy: enough to decide it again. Absent: there was nothing to decide. */
  readonly decision?: {
    readonly evidence: Evidence;
    readonly verdict: Verdict;
    readonly policy: Policy;
    readonly at: number;
  };
  readonly restore?: NonNullable<Watch['restore']>;
  readonly outcome: Outcome;
  /** How it ended, in a sentence. */
  readonly ending: string;
  readonly endedAt: number;
  readonly timings: Timings;
};

/** How long it took, in milliseconds, as far as the guard can know. */
export type Timings = {
  /** From the first sign of trouble to the decision; absent: a person has ordered it. */
  readonly detection?: number;
  /** From the decision until the good release served alone. */
  readonly restore?: number;
  /** Both together. */
  readonly whole?: number;
};

/** The record of a watch that has ended; the policy counts where the watch has none of its own. Throws for an open one. */
export function recordOf(watch: Watch, policy: Policy): ReleaseRecord {
  const { evidence, verdict, policy: decidedBy = policy, decidedAt, ...rest } = watch;
  const { resolved: _, isByOrder: __, decidingSince: ___, ...kept } = rest;
  const { outcome, ending = '', endedAt, firstReadyAt } = watch;
  if (outcome === undefined || endedAt === undefined) throw new Error(`the watch ${watch.id} has not ended`);
  const decision = evidence && verdict && decidedAt !== undefined;
  return {
    ...kept,
    format: 1,
    ...(firstReadyAt !== undefined && { windowEndsAt: firstReadyAt + decidedBy.watch }),
    ...(decision && { decision: { evidence, verdict, policy: decidedBy, at: decidedAt } }),
    outcome,
    ending,
    endedAt,
    timings: timingsOf(watch, decidedBy),
  };
}

function timingsOf(watch: Watch, policy: Policy): Timings {
  const { decidedAt, restore } = watch;
  const beganAt = findBegin(watch, policy);
  if (decidedAt === undefined) return {};
  const finishedAt = restore?.finishedAt;
  return {
    ...(beganAt !== undefined && { detection: Math.max(0, decidedAt - beganAt) }),
    ...(finishedAt !== undefined && { restore: finishedAt - decidedAt }),
    ...(beganAt !== undefined && finishedAt !== undefined && { whole: Math.max(0, finishedAt - beganAt) }),
  };
}

/**
 * When trouble began, as far as can be told: when the rule of the alert began to hold, or the first look that shows it.
 * The clock of Prometheus is another one: what it says is held between the first Ready pod and the alert's arrival.
 */
function findBegin({ trigger, samples, seenAt, firstReadyAt = seenAt }: Watch, policy: Policy): number | undefined {
  if (!trigger) return undefined;
  const { startsAt, storedAt } = trigger;
  const told = Math.min(Math.max(startsAt - policy.pending, Math.min(firstReadyAt, storedAt)), storedAt);
  const seen = samples.find(({ release }) => release && MEASURES.some(({ isBeyond }) => isBeyond(release, policy)));
  return Math.min(told, seen?.at ?? told);
}
