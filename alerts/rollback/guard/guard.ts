import type { Log } from '../../../service/telemetry/log.ts';
import { advance } from '../advance.ts';
import type { GuardCluster, Kept } from '../cluster/index.ts';
import { due } from '../due.ts';
import type { Sample } from '../evidence.ts';
import type { Facts } from '../facts.ts';
import type { GuardMetrics } from '../metrics.ts';
import type { Policy } from '../policy.ts';
import type { Probes } from '../probes.ts';
import type { Prometheus } from '../prometheus.ts';
import { recordOf } from '../record.ts';
import type { SignsBook } from '../signs.ts';
import { OPEN_PHASES, type State } from '../state.ts';
import type { Teller } from '../tell.ts';
import type { Watchdog } from '../watchdog.ts';
import { endedBetween, logChange } from './changes.ts';
import { aimsOf, comparedOf } from './compared.ts';
import { during, Undone, type Complain } from './complaints.ts';
import { createPerformer } from './perform-due.ts';
import { statusOf, type GuardStatus } from './status.ts';

/** What a guard sees, changes and tells by. */
export type GuardOptions = {
  readonly cluster: GuardCluster;
  readonly prometheus: Prometheus;
  readonly probes: Pick<Probes, 'aim' | 'sent'>;
  readonly signs: SignsBook;
  readonly watchdog: Watchdog;
  readonly tell: Teller;
  readonly metrics: Pick<GuardMetrics, 'show' | 'ended'>;
  readonly policy: Policy;
  /** In milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Pick<Log, 'info'>;
  readonly complain: Complain;
  /** Begins the next turn soon. */
  readonly wake: () => void;
};

/** A guard, turn by turn. */
export type Guard = {
  /** One look and what follows from it; resolves with the milliseconds until the next. Never rejects. */
  readonly turn: () => Promise<number>;
  /** Whether the API server has been reached. */
  readonly isReady: () => boolean;
  readonly status: () => GuardStatus;
};

const PAUSE = { atOnce: 0, busy: 1_000, idle: 2_000 } as const;
// How often Prometheus is asked where no figures are needed, and all of the namespace read where nothing is waited for.
const ASKED_EVERY = 15_000;
const READ_EVERY = 30_000;

/** The guard: it looks, stores what follows, and acts on what is stored, so that another one can go on at any point. */
export function createGuard(options: GuardOptions): Guard {
  const { cluster, prometheus, probes, signs, watchdog, metrics, policy, now, log, complain } = options;
  const { lease, store } = cluster;
  const perform = createPerformer(options);
  let kept: Kept | undefined;
  let leadsSince: number | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  let read: { readonly facts: Facts; readonly at: number; readonly isQuiet: boolean } | undefined;

  const look = async (state: State, facts: Facts): Promise<Sample | undefined> => {
    const compared = comparedOf(state, facts);
    if (!compared && now() - askedAt < ASKED_EVERY) return undefined;
    askedAt = now();
    const sample = compared && (await prometheus.look(compared));
    if (compared ? sample : await prometheus.answers()) signs.note('prometheus', now());
    else complain('read', new Error(prometheus.problem()));
    return sample;
  };

  const lead = async (since: number): Promise<number> => {
    const at = now();
    const before = await during('read', store.read());
    kept = before;
    const known = read?.isQuiet && at - read.at < READ_EVERY && isQuiet(before) ? read : undefined;
    const facts = await during('read', cluster.readFacts(at, known?.facts));
    const sample = await look(before.state, facts);
    const sight = { inbox: before.inbox, facts, sample, signs: signs.with(before.signs) };
    const state = advance(before.state, sight, policy);
    if (!lease.leads()) return PAUSE.atOnce;
    if (state !== before.state) {
      if (!(await during('store', store.writeState(before, state)))) return PAUSE.atOnce;
      kept = { ...before, state };
      logChange(before.state, state, log);
      for (const { outcome } of endedBetween(before.state, state)) if (outcome) metrics.ended(outcome);
    }
    probes.aim(aimsOf(state, facts, sample, policy, probes.sent));
    metrics.show({
      leadsSince: since,
      state,
      signs: sight.signs,
      quarantined: facts.quarantined.length,
      frozen: before.inbox.freeze !== undefined && before.inbox.freeze.until > at,
      timings: timingsOf(state, policy),
    });
    const acts = due(state, facts, policy);
    // Messages are told beside the loop, and a receiver may be away for long.
    const isBusy = acts.some(({ kind }) => kind !== 'tell');
    read = { facts, at: known?.at ?? at, isQuiet: !isBusy && state === before.state };
    await perform(acts, state);
    if (state.phase !== before.state.phase) return PAUSE.atOnce;
    return isBusy || OPEN_PHASES.includes(state.phase) ? PAUSE.busy : PAUSE.idle;
  };

  const standBy = async (): Promise<number> => {
    read = undefined;
    probes.aim({});
    metrics.show(undefined);
    kept = await during('read', store.read());
    return PAUSE.idle;
  };

  return {
    async turn() {
      leadsSince = lease.leads() ? (leadsSince ?? now()) : undefined;
      let pause: number = PAUSE.idle;
      try {
        pause = leadsSince === undefined ? await standBy() : await lead(leadsSince);
      } catch (error) {
        read = undefined;
        complain(error instanceof Undone ? error.doing : 'act', error instanceof Undone ? error.cause : error);
      }
      const noted = kept?.signs ?? { watchdog: 0, prometheus: 0 };
      const hasLeader = leadsSince !== undefined || lease.holder() !== undefined;
      watchdog.look({ now: now(), leadsSince, hasLeader, signs: signs.with(noted) });
      await signs.share(now());
      return pause;
    },
    isReady: () => kept !== undefined,
    status: () =>
      statusOf({ kept, lease, signs, silent: watchdog.silent(), problem: prometheus.problem(), now: now() }),
  };
}

/** Whether a guard waits for nothing. */
function isQuiet({ state, inbox }: Kept): boolean {
  return (
    !OPEN_PHASES.includes(state.phase) && inbox.events.length === 0 && state.owed.every(({ kind }) => kind === 'tell')
  );
}

/** How long the last rollback took, once it is over. */
function timingsOf({ watch }: State, policy: Policy) {
  return watch?.outcome !== undefined && watch.restore ? recordOf(watch, policy).timings : undefined;
}
