import type { Evidence, Sample, Verdict } from './evidence.ts';
import type { Pace } from './facts.ts';
import type { Policy } from './policy.ts';
import type { Release, Revision } from './release.ts';

/**
 * Where the guard is with a release. `idle`: there is none to judge yet; `watching`: its window runs; `deciding`: an
 * alert came; `rolling-back`: it is decided and not yet ordered; `verifying`: ordered, pods are being replaced; and the
 * ends: `done` (proven good, dismissed as another's, or rolled back), `inconclusive`, `refused`.
 */
export const PHASES = [
  'idle',
  'watching',
  'deciding',
  'rolling-back',
  'verifying',
  'done',
  'inconclusive',
  'refused',
] as const;

/** Where the guard is with a release. */
export type Phase = (typeof PHASES)[number];

/** Phases in which a release is not done with yet. */
export const OPEN_PHASES: readonly Phase[] = ['watching', 'deciding', 'rolling-back', 'verifying'];

/** How it ended with a release. `superseded`: another took its place; `dry-run`: it would have been rolled back. */
export const OUTCOMES = ['proven', 'superseded', 'restored', 'failed', 'refused', 'inconclusive', 'dry-run'] as const;

/** How it ended with a release. */
export type Outcome = (typeof OUTCOMES)[number];

/** An alert on a release, or a person's order, as it was stored before anything else was done. */
export type GuardEvent = {
  /** Of an alert: its kind, fingerprint, start and hash; what comes twice has the same. */
  readonly key: string;
  readonly kind: 'firing' | 'resolved' | 'order';
  /** Name of the alert; of an order the name of whoever gave it. */
  readonly name: string;
  /** The release that is meant, by its `pod-template-hash`. */
  readonly hash: string;
  /** When the guard had it, by its own clock, in milliseconds since 1970. */
  readonly storedAt: number;
  /** When it began, by the clock of Prometheus; of an order: when it was given. */
  readonly startsAt: number;
  /** Of an order: why; and the hash to go back to, where the person named one. */
  readonly reason?: string;
  readonly target?: string;
};

/** What the guard knows of the release that it watches or judged last. All times in milliseconds since 1970. */
export type Watch = Revision & {
  /** Names the record: the hash, and the time at which it was first seen. */
  readonly id: string;
  readonly seenAt: number;
  /** Who deployed it, as the API server knows: the name of a field manager. */
  readonly writer?: string;
  /** The release that was there before, of which one pod is kept; absent: there was none. */
  readonly previous?: Revision;
  readonly firstReadyAt?: number;
  /** The first alert on it, or the first one after a dismissal. */
  readonly trigger?: GuardEvent;
  /** Whether Prometheus has withdrawn the trigger. */
  readonly resolved?: boolean;
  /** A person's order to go back. */
  readonly order?: GuardEvent;
  /** Whether the order alone has begun this, and so ends it: the release was not watched. */
  readonly isByOrder?: boolean;
  /** Since when the guard decides, by its own clock: its patience counts from then. */
  readonly decidingSince?: number;
  /** Looks at both versions since the first alert, the oldest first; bounded. */
  readonly samples: readonly Sample[];
  readonly evidence?: Evidence;
  readonly verdict?: Verdict;
  /** What the verdict was made by: the guard may run by another policy when this is written down. */
  readonly policy?: Policy;
  readonly decidedAt?: number;
  /** What is gone back to, and what was found and is put back when it is done. */
  readonly restore?: {
    readonly target: Pick<Revision, 'hash' | 'release' | 'version'>;
    /** Pods that were wanted when it was decided; what a scaler adds later is not the restore's to wait for. */
    readonly replicas: number;
    /** The pace that the Deployment had. */
    readonly before: Pace;
    /** The pace that the restore takes. */
    readonly during: Pace;
    /** When it must be over. */
    readonly deadline: number;
    readonly orderedAt?: number;
    readonly finishedAt?: number;
  };
  readonly outcome?: Outcome;
  /** In a sentence. */
  readonly ending?: string;
  readonly endedAt?: number;
};

/** A release that lasted its whole window, newest first in the list. */
export type Proven = {
  readonly hash: string;
  readonly release: Release;
  readonly version: string;
  readonly at: number;
};

/** What is done once and not seen in the cluster afterwards, or is a person's to undo: owed until it was done. */
export type Owed =
  | {
      readonly kind: 'quarantine';
      readonly release: Release;
      readonly reason: string;
      readonly by: string;
      readonly at: number;
    }
  /** The fields of the restored release that the withdrawn one, whose hash this is, did not have. */
  | { readonly kind: 'hand-over'; readonly of: string }
  | { readonly kind: 'record' | 'tell'; readonly watch: Watch };

/** What the guard keeps: in one ConfigMap, changed by compare and swap alone, and always before it acts. */
export type State = {
  /** Of this shape; a guard that finds another one stops and says so. */
  readonly format: 1;
  readonly phase: Phase;
  readonly watch?: Watch;
  /** The template that was wanted at the last look: another one that the guard did not order is a new release. */
  readonly current?: string;
  /** The pace that a restore raised, until it is put back or somebody has changed it. */
  readonly raised?: { readonly before: Pace; readonly during: Pace };
  /** The withdrawn release of which one pod is kept. */
  readonly withdrawn?: { readonly of: string; readonly until: number };
  readonly owed: readonly Owed[];
  readonly proven: readonly Proven[];
  /** Hashes that were rolled back; none of them is ever a target, and none is rolled back twice. */
  readonly rolledBack: readonly string[];
  readonly lastRollbackAt?: number;
  /** Keys of events that were taken; the newest last, bounded. */
  readonly taken: readonly string[];
};

/** A guard that has seen nothing yet. */
export const EMPTY_STATE: State = { format: 1, phase: 'idle', owed: [], proven: [], rolledBack: [], taken: [] };

/** Everything under a person's hand freezes until then. */
export type Freeze = { readonly until: number; readonly reason: string; readonly by: string };

/** What is asked of the guard: alerts by its webhook, orders and the freeze by `sluice release`. */
export type Inbox = { readonly events: readonly GuardEvent[]; readonly freeze?: Freeze };

/** When whatever the guard depends on gave a sign of life last, in milliseconds since 1970; 0: never. */
export type Signs = { readonly watchdog: number; readonly prometheus: number };

/** Names of what the guard keeps in its namespace. */
export const STORES = {
  /** ConfigMap of State (`state`), Inbox (`events`, `freeze`) and Signs (`signs`), each as JSON under its key. */
  guard: 'sluice-guard',
  /** ConfigMap of the quarantined releases. */
  quarantine: 'sluice-quarantine',
  /** ConfigMap of records, each as JSON under its id. */
  releases: 'sluice-releases',
  /** Lease of the leader. */
  lease: 'sluice-guard',
} as const;

/** Names of the Deployments that the guard makes and deletes. */
export const COMPANIONS = { baseline: 'gateway-baseline', withdrawn: 'gateway-withdrawn' } as const;
