import type { Signs } from './state.ts';
import { TOLD_AGAIN, type Message, type Teller } from './tell.ts';

/** How long silence may last, and who is told of it. */
export type WatchdogOptions = {
  /** Milliseconds. */
  readonly silence: number;
  readonly tell: Teller;
};

/** What one guard knows at one look. */
export type Heard = {
  /** In milliseconds since 1970, as all times here. */
  readonly now: number;
  /** Absent: this guard does not lead, and whoever does listens for alerts and figures. */
  readonly leadsSince?: number | undefined;
  /** Whether any guard leads, as far as this one can see. */
  readonly hasLeader: boolean;
  readonly signs: Signs;
};

/** What may be silent. */
export type Silent = 'watchdog' | 'prometheus' | 'leader';

/** Listens for signs of life. */
export type Watchdog = {
  readonly look: (heard: Heard) => void;
  /** What is silent now, for longer than it may. */
  readonly silent: () => readonly Silent[];
};

type Row = {
  readonly name: Message['name'];
  readonly summary: string;
  /** What then happens, or does not. */
  readonly effect: string;
};

const ROWS: Readonly<Record<Silent, Row>> = {
  watchdog: {
    name: 'GuardBlind',
    summary: 'No Watchdog of Alertmanager reaches the guard',
    effect: 'no alert on a bad release would reach it either',
  },
  prometheus: {
    name: 'GuardBlind',
    summary: 'Prometheus does not answer the guard',
    effect: 'it cannot compare versions and leaves a bad release to people',
  },
  leader: {
    name: 'GuardLeaderless',
    summary: 'No guard leads',
    effect: 'nobody withdraws a bad release',
  },
};

const SILENTS = Object.keys(ROWS) as readonly Silent[];

// A silence that lasts is told again so often.
const AGAIN = 3_600_000;

/** The last message on a silence, and when it is due once more. */
type Told = { readonly message: Message; readonly againAt: number };

/**
 * Tells of each silence once it has lasted too long, again every hour, and once when it ends; soon again what did not
 * arrive. Alerts and figures are the leader's to listen for, from when it began to lead; that somebody leads is every
 * guard's.
 */
export function createWatchdog({ silence, tell }: WatchdogOptions): Watchdog {
  let leaderlessSince: number | undefined;
  const told = new Map<Silent, Told>();

  const quietSince = (of: Silent, { now, leadsSince, hasLeader, signs }: Heard): number | undefined => {
    if (of !== 'leader') return leadsSince === undefined ? undefined : Math.max(signs[of], leadsSince);
    leaderlessSince = hasLeader ? undefined : (leaderlessSince ?? now);
    return leaderlessSince;
  };
  const say = (of: Silent, message: Message, now: number): void => {
    const telling: Told = { message, againAt: now + AGAIN };
    told.set(of, telling);
    void tell(message).then((hasArrived) => {
      if (told.get(of) !== telling) return;
      if (!hasArrived) told.set(of, { message, againAt: now + TOLD_AGAIN });
      else if (message.status === 'resolved') told.delete(of);
    });
  };
  const isFiring = (of: Silent): boolean => told.get(of)?.message.status === 'firing';
  return {
    look(heard) {
      const { now } = heard;
      for (const of of SILENTS) {
        const since = quietSince(of, heard);
        const before = told.get(of);
        const isDue = before === undefined || now >= before.againAt;
        if (since !== undefined && now - since > silence) {
          if (isDue || !isFiring(of)) say(of, messageOf(of, 'firing', since, now), now);
        } else if (since === undefined && of !== 'leader') {
          // Whoever leads no longer cannot say that it is over; the next leader tells of it anew if it is not.
          told.delete(of);
        } else if (before && isFiring(of)) {
          say(of, messageOf(of, 'resolved', before.message.startsAt, now), now);
        } else if (before && isDue) {
          say(of, before.message, now);
        }
      }
    },
    silent: () => SILENTS.filter(isFiring),
  };
}

function messageOf(of: Silent, status: Message['status'], since: number, now: number): Message {
  const { name, summary, effect } = ROWS[of];
  const seconds = Math.round((now - since) / 1000);
  const description =
    status === 'firing' ? `${summary} for ${seconds} s: ${effect}.` : `It is over, after ${seconds} s.`;
  return { name, severity: 'page', labels: { of }, status, summary, description, startsAt: since };
}
