import type { ChaosMeshFault, KubernetesFault } from '../../../experiment.ts';
import type { Undo } from './undo.ts';

/** Of what the journal holds: whoever meets another one touches nothing. */
export const FORMAT = 1;

/** What a keeper can do to a namespace. */
export type ClusterFault = KubernetesFault | ChaosMeshFault;

/** A fault that a runner wants to be there. */
export type Wish = {
  /** Unique for good: a fault that is over never comes again under its name. */
  readonly id: string;
  readonly experiment: string;
  readonly fault: ClusterFault;
  /** Milliseconds after which it is taken back whatever else happens, from when the keeper began, by its clock. */
  readonly ttl: number;
  readonly requestedBy: string;
};

/** Where a fault is: being made, there, being taken back, or over. */
export const STATES = ['injecting', 'injected', 'reverting', 'over'] as const;

/** What the keeper has done by a wish. It is written before anything is changed. */
export type Done = {
  readonly id: string;
  readonly experiment: string;
  readonly state: (typeof STATES)[number];
  /** When it is taken back at the latest, in milliseconds since 1970 by the keeper's clock. */
  readonly until: number;
  /** How everything is put back, in this order. */
  readonly undo: readonly Undo[];
  /** What is touched, a line each. */
  readonly touched: readonly string[];
  readonly injectedAt?: number;
  readonly revertedAt?: number;
  /** Why it was taken back. */
  readonly why?: string;
  /** Why it could not be injected. */
  readonly failed?: string;
};

/** Who drills now: there is one at a time. */
export type Runner = {
  /** Unique for good. */
  readonly id: string;
  /** Its pod, or its person. */
  readonly by: string;
  /** One more with every sign of life; no clock is compared with another. */
  readonly beat: number;
  /** What it runs now. */
  readonly experiment?: string;
};

/** Somebody has pulled the kill switch; the next runner takes it back. */
export type Stopped = { readonly at: number; readonly by: string };

/** How runs of experiments end. */
export const RESULTS = ['passed', 'failed', 'aborted', 'refused'] as const;

/** Everything that is known of drills in a namespace, across all programs that take part. */
export type Journal = {
  readonly format: typeof FORMAT;
  readonly runner?: Runner;
  readonly wanted: readonly Wish[];
  readonly done: readonly Done[];
  readonly stopped?: Stopped;
  /** When a drill last ended as it should, in milliseconds since 1970. */
  readonly lastSuccess?: number;
  /** Runs so far by how they ended. */
  readonly runs: Readonly<Record<(typeof RESULTS)[number], number>>;
};

/** Of a namespace that was never drilled. */
export const EMPTY_JOURNAL: Journal = {
  format: FORMAT,
  wanted: [],
  done: [],
  runs: { passed: 0, failed: 0, aborted: 0, refused: 0 },
};

/** What stands in the journal for a wish that was refused before anything was touched. */
export function failedWish(id: string, failed: string, experiment = ''): Done {
  return { id, experiment, state: 'over', until: 0, undo: [], touched: [], failed };
}
