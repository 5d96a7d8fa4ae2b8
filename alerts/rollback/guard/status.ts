import type { Kept, Lease } from '../cluster/index.ts';
import type { SignsBook } from '../signs.ts';
import type { Freeze, Outcome, Phase, Signs } from '../state.ts';
import type { Silent } from '../watchdog.ts';

/** Where a guard is, for people; times in milliseconds since 1970. */
export type GuardStatus = {
  readonly leads: boolean;
  /** The pod that leads, as far as this one can see. */
  readonly leader?: string;
  /** What gives no sign of life. */
  readonly silent: readonly Silent[];
  readonly signs: Signs;
  /** Why Prometheus did not answer the last question. */
  readonly prometheus?: string;
  /** Absent until the API server was reached. */
  readonly phase?: Phase;
  readonly watch?: {
    readonly hash: string;
    readonly release: string;
    readonly version: string;
    readonly seenAt: number;
    readonly firstReadyAt?: number;
    readonly outcome?: Outcome;
    readonly ending?: string;
  };
  readonly frozen?: Freeze;
};

/** What a guard tells of itself. */
export function statusOf({
  kept,
  lease,
  signs,
  silent,
  problem,
  now,
}: {
  readonly kept: Kept | undefined;
  readonly lease: Pick<Lease, 'leads' | 'holder'>;
  readonly signs: SignsBook;
  readonly silent: readonly Silent[];
  readonly problem: string | undefined;
  readonly now: number;
}): GuardStatus {
  const leader = lease.holder();
  const watch = kept?.state.watch;
  const freeze = kept?.inbox.freeze;
  return {
    leads: lease.leads(),
    ...(leader !== undefined && { leader }),
    silent,
    signs: signs.with(kept?.signs ?? { watchdog: 0, prometheus: 0 }),
    ...(problem !== undefined && { prometheus: problem }),
    ...(kept && { phase: kept.state.phase }),
    ...(watch && {
      watch: {
        hash: watch.hash,
        release: watch.release.id,
        version: watch.version,
        seenAt: watch.seenAt,
        ...(watch.firstReadyAt !== undefined && { firstReadyAt: watch.firstReadyAt }),
        ...(watch.outcome && { outcome: watch.outcome }),
        ...(watch.ending !== undefined && { ending: watch.ending }),
      },
    }),
    ...(freeze && freeze.until > now && { frozen: freeze }),
  };
}
