import type { Experiment, MeansId } from '../../experiment.ts';
import type { Run } from '../../report/run.ts';
import type { Timing } from '../deadlines.ts';
import type { LaneFigures } from '../events.ts';
import type { TrackedLink } from '../links.ts';
import type { SentRequest } from '../load/request.ts';
import type { Pace, Stand } from '../stand.ts';
import type { TakenBack } from '../take-back.ts';
import type { Watch } from '../watch.ts';

/** When the fault was there, in milliseconds since 1970. */
export type FaultTimes = {
  /** When its injection began, and when it had been injected; absent: it could not be. */
  readonly beganAt: number;
  readonly injectedAt?: number;
  /** When its taking back began, and how that ended. */
  readonly endedAt: number;
  readonly takenBack: TakenBack;
};

/** What was seen in one second. */
export type Figures = {
  readonly at: number;
  readonly lanes: readonly LaneFigures[];
  readonly openBreakers: readonly string[] | undefined;
  readonly firing: readonly string[] | undefined;
};

/** Everything that happened in a run: what its evidence is made from. */
export type Course = {
  readonly experiment: Experiment;
  readonly stand: Stand;
  readonly pace: Pace;
  readonly timing: Timing;
  readonly means: MeansId;
  readonly seed: number;
  readonly unprotected: boolean;
  readonly versions: Readonly<Record<string, string>>;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly phases: Run['phases'];
  /** Seconds until the steady state was found green. */
  readonly greenAfter: number;
  readonly leftovers: readonly string[];
  /** Why the run was broken off; undefined: it was not. */
  readonly aborted: string | undefined;
  /** Absent: it was broken off before. */
  readonly fault: FaultTimes | undefined;
  readonly links: readonly TrackedLink[];
  /** Why links cannot be seen here, by their ids. */
  readonly blind: ReadonlyMap<string, string>;
  readonly requests: readonly SentRequest[];
  readonly figures: readonly Figures[];
  readonly watch: Pick<Watch, 'fired' | 'endings' | 'looks' | 'fetches'>;
};
