import type { Release } from './release.ts';

/** What Prometheus counted of some pods in the window of the policy. */
export type Figures = {
  /** Requests that count for errors. */
  readonly requests: number;
  /** Share of them that failed, 0 to 1. */
  readonly failed: number;
  /** Requests whose time counts. */
  readonly timed: number;
  /** Share of those that were fast enough, 0 to 1. */
  readonly fast: number;
};

/** One look at both versions on the same traffic. */
export type Sample = {
  /** In milliseconds since 1970. */
  readonly at: number;
  /** Absent: Prometheus knows no such series (yet). */
  readonly release?: Figures;
  /** Of the kept pod of the version before, and of all others of it. */
  readonly previous?: Figures;
};

/** Everything that a decision follows from; stored with it, so that anybody can decide again. */
export type Evidence = {
  /** When it was decided, in milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds since the first alert of this release was taken, or the first one after a dismissal. */
  readonly waited: number;
  /** Whether Prometheus has withdrawn that alert. No reason to stop by itself: the figures must agree. */
  readonly resolved: boolean;
  /** Whether the release is still what the Deployment wants. */
  readonly isCurrent: boolean;
  /** Milliseconds since its first pod was Ready; absent: none was yet. */
  readonly age?: number;
  /** Hash of the release that was there before; absent: there was none, so there is nothing to compare with. */
  readonly previous?: string;
  /** Whether Prometheus answered at the last look. */
  readonly answers: boolean;
  /** The last look; absent: none was possible. */
  readonly sample?: Sample;
  readonly isPaused: boolean;
  /** Whether this very release was rolled back before. */
  readonly wasRolledBack: boolean;
  /** Milliseconds since the last rollback of any release; absent: there was none. */
  readonly sinceRollback?: number;
  /** What the schema needs: the oldest version that works with it. */
  readonly safeFrom: string;
  /** The newest release that is proven good and can be gone back to; absent: there is none. */
  readonly target?: { readonly hash: string; readonly release: Release; readonly version: string };
  /** Releases proven good that cannot be gone back to, with the reason for each. */
  readonly unusable: readonly { readonly hash: string; readonly reason: string }[];
  /** More pods that the quotas admit; absent: no quota says, or the target has all the pods that it needs. */
  readonly room?: number;
  /** Until when a person has frozen everything, and why; absent: nothing is frozen. */
  readonly frozen?: { readonly until: number; readonly reason: string };
  /** A person's order: decided without looking at figures, window or cooldown. */
  readonly order?: { readonly by: string; readonly reason: string };
};

/** What comes of the evidence. */
export type Verdict = {
  /**
   * `roll-back`: go back now; `wait`: something may still come; `dismiss`: nothing is wrong, or no longer; `refuse`:
   * something is wrong and people must decide; `inconclusive`: nobody can tell, and people must look.
   */
  readonly answer: 'roll-back' | 'wait' | 'dismiss' | 'refuse' | 'inconclusive';
  /** Id of the row of the table of rules that decided. */
  readonly rule: string;
  /** In a sentence, with the numbers. */
  readonly reason: string;
};
