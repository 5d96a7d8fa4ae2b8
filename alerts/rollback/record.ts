import type { Evidence, Sample, Verdict } from './evidence.ts';
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
  readonly ending: string;
  readonly endedAt: number;
  readonly timings: Timings;
};

/** How long it took, in milliseconds, as far as the guard can know. */
export type Timings = {
  /** From the first sign of trouble that can be told to the decision. */
  readonly detection?: number;
  /** From the decision until the good release served alone. */
  readonly restore?: number;
  /** Both together. */
  readonly whole?: number;
};

/** The record of a watch that has ended. */
export function recordOf(_watch: Watch, _policy: Policy): ReleaseRecord {
  throw new Error('not built yet');
}

/** A record from its JSON. Throws a StoredError that names the path, the value and what would be right. */
export function parseRecord(_text: string): ReleaseRecord {
  throw new Error('not built yet');
}
