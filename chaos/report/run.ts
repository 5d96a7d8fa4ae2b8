import type { MeansId } from '../experiment.ts';

/** Of a report that a program reads: it changes when a field changes its meaning or goes. */
export const FORMAT = 1;

/** How a run ended: the hypothesis held, it did not, or the run was broken off and the fault taken back. */
export type Verdict = 'passed' | 'failed' | 'aborted';

/** One thing that had to hold, what was measured of it, and what was allowed. */
export type Assertion = {
  /** The id of a link of the chain, or what a bound is called: `lost-critical`, `silent-GatewayDown`, `guard-idle`, `steady-before`. */
  readonly id: string;
  readonly title: string;
  readonly kind: 'link' | 'bound' | 'silent' | 'guard' | 'steady' | 'reverted';
  readonly outcome: 'held' | 'broke' | 'skipped';
  /** In words with units: `14.2 s`, `0 of 412`. */
  readonly measured: string;
  readonly allowed: string;
  /** The numbers behind them, where both are numbers; seconds, counts or shares. */
  readonly value?: number;
  readonly limit?: number;
  /** Why it was skipped. */
  readonly reason?: string;
};

/** What happened, or had to: times in milliseconds since 1970. */
export type TimelineEntry = {
  readonly id: string;
  readonly title: string;
  /** From when its time counts. */
  readonly from: number;
  /** By when it had to happen. */
  readonly due: number;
  /** When it did; absent: it did not. */
  readonly at?: number;
};

/** A line of a chart. Points: milliseconds since 1970 and a value, null for a gap. */
export type Series = {
  readonly id: string;
  readonly title: string;
  readonly unit: 'per-second' | 'seconds' | 'count' | 'share';
  readonly points: readonly (readonly [number, number | null])[];
};

/** What became of the requests of a lane. */
export type LaneResult = {
  readonly lane: string;
  readonly sent: number;
  /** Failed at first, and were tried once more. */
  readonly failedOnce: number;
  /** Failed twice. */
  readonly lost: number;
  /** Of those that were answered, in seconds; absent where none was. */
  readonly p50?: number;
  readonly p99?: number;
  /** Statuses and network errors of failures, and how often. */
  readonly reasons: Readonly<Record<string, number>>;
};

/** Everything that is known of one run of one experiment. */
export type Run = {
  readonly format: typeof FORMAT;
  /** Unique: the experiment and when it began, such as `upstream-slow-20260102T030405Z`. */
  readonly id: string;
  readonly experiment: string;
  readonly hypothesis: string;
  readonly blastRadius: string;
  readonly target: 'local' | 'cluster';
  readonly environment: string;
  readonly namespace: string;
  readonly pace: 'full' | 'quick';
  readonly means: MeansId;
  /** What was switched off to see the experiment fail; absent: nothing. */
  readonly without?: string;
  readonly seed: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly verdict: Verdict;
  /** The verdict in a sentence. */
  readonly reason: string;
  readonly phases: readonly {
    readonly name: 'before' | 'fault' | 'after';
    readonly from: number;
    readonly to: number;
  }[];
  /** The fault in words; when it was injected and taken back. Absent: it never was injected. */
  readonly fault?: { readonly title: string; readonly injectedAt: number; readonly revertedAt: number };
  readonly assertions: readonly Assertion[];
  readonly timeline: readonly TimelineEntry[];
  readonly lanes: readonly LaneResult[];
  /** Of the objective of errors, over the run: what it allows, what was bad of how many, and the share of the budget of its window that the run used. */
  readonly budget: {
    readonly allowed: number;
    readonly bad: number;
    readonly requests: number;
    readonly used: number;
  };
  readonly series: readonly Series[];
  /** Faults that were found before the start, and taken back. */
  readonly leftovers: readonly string[];
  /** The command that does it again. */
  readonly repeat: string;
};
