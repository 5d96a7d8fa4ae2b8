import type { MeansId } from '../experiment.ts';
import type { Assertion, Run, TimelineEntry } from '../report/run.ts';

/** The steps of a drill, in their order. */
export type StepId = 'leftovers' | 'steady-state' | 'before' | 'fault' | 'revert' | 'after' | 'verdict';

/** What the clients of a lane met in the last whole second, and how many requests were lost since the start. */
export type LaneFigures = {
  readonly lane: string;
  readonly sent: number;
  readonly failed: number;
  readonly lost: number;
  /** Seconds; absent where nothing was answered. */
  readonly p99?: number;
};

/** What a drill tells while it runs; `at` is in milliseconds since 1970, as all times here. */
export type DrillEvent = { readonly at: number } & (
  | {
      readonly kind: 'step';
      readonly step: StepId;
      /** What is done, such as `the fault is there until every link has happened`. */
      readonly title: string;
      /** When it is over at the latest; absent: at once. */
      readonly until?: number;
    }
  /** A fault of an earlier drill was there, and is taken back. */
  | { readonly kind: 'leftover'; readonly leftover: string }
  | { readonly kind: 'injected'; readonly title: string; readonly means: MeansId; readonly deadline: number }
  | { readonly kind: 'reverted' }
  /** Links whose time counts from here on. */
  | { readonly kind: 'awaited'; readonly entries: readonly TimelineEntry[] }
  /** A link has happened, by its `due` or after it; `missed`: its time is over, and it is still looked for. */
  | { readonly kind: 'happened' | 'missed'; readonly entry: TimelineEntry }
  /** A link that had happened no longer holds, as a breaker that closed opens again. */
  | { readonly kind: 'undone'; readonly entry: TimelineEntry }
  /** Once a second. */
  | {
      readonly kind: 'figures';
      readonly lanes: readonly LaneFigures[];
      /** Names of breakers that are open in some worker; undefined: cannot be seen here, or not now. */
      readonly openBreakers: readonly string[] | undefined;
      /** Alerts that fire, without those that always do. */
      readonly firing: readonly string[] | undefined;
    }
  /** Something did not work and is tried again. */
  | { readonly kind: 'trouble'; readonly what: string }
  /** The drill gives up; the fault is taken back now. */
  | { readonly kind: 'aborting'; readonly reason: string }
  | { readonly kind: 'asserted'; readonly assertion: Assertion }
  /** The last one. */
  | { readonly kind: 'ended'; readonly run: Run }
);

/** Who is told. What it throws is not heard: a view that breaks must not leave a fault behind. */
export type OnEvent = (event: DrillEvent) => void;
