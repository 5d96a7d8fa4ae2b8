import type { Pace, Stand } from '../../../chaos/drill/stand.ts';
import type { Experiment, MeansId } from '../../../chaos/index.ts';

/** What a run of an experiment would be. */
export type Plan =
  | {
      readonly means: MeansId;
      /** What would be touched, a line each. */
      readonly touches: readonly string[];
      /** Links that cannot be seen here, and why. */
      readonly unseen: readonly string[];
    }
  | {
      readonly skipped: string;
      /** A server that could be installed is all that is missing. */
      readonly isMissing?: boolean;
    };

/** How a run is asked for. */
export type DrillRequest = {
  readonly pace: Pace;
  readonly seed: number;
  /** Without the protection that the experiment rehearses. */
  readonly unprotected: boolean;
  /** Told a line of progress. */
  readonly log: (line: string) => void;
  /** Breaks off. */
  readonly signal: AbortSignal;
};

/** Where drills run. */
export type DrillTarget = {
  readonly name: 'local' | 'cluster';
  /** What a run would be; touches nothing. */
  plan(experiment: Experiment): Promise<Plan>;
  /** What an experiment runs against, started; whoever asked closes it. */
  open(experiment: Experiment, request: DrillRequest): Promise<Stand>;
  /** Keeps others from drilling at the same time; gives what ends that. Throws where somebody does already. */
  reserve(): Promise<() => Promise<void>>;
};
