import {
  defaultReceiver,
  formatDuration,
  GUARD_TOKEN,
  guardUrl,
  isGuarded,
  receiversInUse,
  RESERVED_RECEIVERS,
  TEAMS,
  toMilliseconds,
  windowsInUse,
  type Duration,
  type NotificationPeriod,
  type NotificationTiming,
  type Receiver,
  type Service,
  type Team,
} from '../service/definition/index.ts';
import type { Severity } from './alert.ts';
import type { LabelMatcher } from './inhibition.ts';
import { wholeUnits } from './whole-units.ts';

/** Labels that an alert must have for a route. */
export type Matching = { readonly severity: Severity; readonly team?: Team };

/**
 * One route; the first that matches is taken, and after one that goes on the next too. Each says everything, because
 * windows are not handed down to others.
 */
export type Route = {
  readonly matching: Matching;
  readonly receiver: string;
  readonly goesOn?: true;
  readonly groupBy: readonly string[];
  readonly timing: NotificationTiming;
  readonly activeDuring?: string;
  readonly mutedDuring?: string;
};

/** Where every alert of an environment goes; both forms of configuration are made of this. */
export type Routing = {
  readonly routes: readonly Route[];
  /** Of what no route matches. */
  readonly fallback: Omit<Route, 'matching'>;
  readonly receivers: readonly (readonly [name: string, receiver: Receiver])[];
  readonly windows: readonly (readonly [name: string, periods: readonly NotificationPeriod[]])[];
};

const GROUP_BY = ['alertname', 'namespace'];

// Two releases are two groups: else the second waited for the interval of the first.
const RELEASE_GROUP_BY = [...GROUP_BY, 'pod_template_hash'];

// How long a delivery may take too, and after which one that the guard refused comes again.
const RELEASE_INTERVAL: Duration = '10s';
// The guard knows what it did; a repetition is for one that lost its memory.
const RELEASE_REPETITION: Duration = '1m';

// How often the guard hears the Watchdog, where it waits for it long enough.
const GUARD_BEAT: Duration = '1m';

/** Where every alert of an environment goes. */
export function routingOf({ monitoring, namespace, release }: Service): Routing {
  const { guard, nobody } = RESERVED_RECEIVERS;
  const { ticket, watchdog } = monitoring.notifications;
  const guarded = isGuarded({ release });
  return {
    routes: [
      ...(guarded ? [releaseRoute(release.groupWait), guardBeat(release.guard.silence)] : []),
      heartbeat(watchdog),
      ...routesOf('page', monitoring),
      ...routesOf('ticket', monitoring),
    ],
    // What has a severity that nobody declared: at any hour, because who knows how bad it is.
    fallback: { receiver: receiverOf('ticket', monitoring), groupBy: GROUP_BY, timing: inWholeUnits(ticket) },
    receivers: [
      ...receiversInUse(monitoring),
      ...(guarded ? [[guard, { webhook: { url: guardUrl(namespace), token: GUARD_TOKEN } }] as const] : []),
      ...(watchdog ? [] : [[nobody, {}] as const]),
    ],
    windows: windowsInUse(monitoring),
  };
}

/** What an alert must have, one matcher for each label. */
export function matchersOf(matching: Matching): readonly LabelMatcher[] {
  return Object.entries(matching).map(([label, value]) => ({ label, operator: '=', value }));
}

function releaseRoute(groupWait: Duration): Route {
  return {
    matching: { severity: 'release' },
    receiver: RESERVED_RECEIVERS.guard,
    groupBy: RELEASE_GROUP_BY,
    timing: inWholeUnits({ groupWait, groupInterval: RELEASE_INTERVAL, repeatInterval: RELEASE_REPETITION }),
  };
}

/** The route of the Watchdog, which is told again and again, so that silence is news. */
function heartbeat(watchdog: Service['monitoring']['notifications']['watchdog']): Route {
  const { receiver, repeatInterval } = watchdog ?? { receiver: RESERVED_RECEIVERS.nobody, repeatInterval: '1h' };
  return { matching: { severity: 'none' }, receiver, groupBy: GROUP_BY, timing: beats(repeatInterval) };
}

/** The Watchdog goes to the guard too: a guard that Alertmanager cannot tell waits for releases in vain. */
function guardBeat(silence: Duration): Route {
  const often = half(silence);
  const interval = toMilliseconds(often) < toMilliseconds(GUARD_BEAT) ? often : GUARD_BEAT;
  const { guard } = RESERVED_RECEIVERS;
  return {
    matching: { severity: 'none' },
    receiver: guard,
    goesOn: true,
    groupBy: GROUP_BY,
    timing: beats(interval),
  };
}

/**
 * The timing by which one alert is told again and again. A group is looked at once in its interval, so a longer one
 * would make the beats rarer. A look repeats what was told longer ago than the repetition, and told it is when the
 * receiver has answered: with a repetition as long as the interval every second look comes too early.
 */
function beats(interval: Duration): NotificationTiming {
  return inWholeUnits({ groupWait: '0s', groupInterval: interval, repeatInterval: half(interval) });
}

/** Half of a duration, in whole milliseconds. */
function half(duration: Duration): Duration {
  return formatDuration(Math.ceil(toMilliseconds(duration) / 2));
}

/** The routes of a severity: those of teams that have receivers of their own, then that of everybody else. */
function routesOf(severity: 'page' | 'ticket', monitoring: Service['monitoring']): readonly Route[] {
  const { teams, activeDuring, mutedDuring, ...timing } = monitoring.notifications[severity];
  const common = {
    groupBy: GROUP_BY,
    timing: inWholeUnits(timing),
    ...(activeDuring !== undefined && { activeDuring }),
    ...(mutedDuring !== undefined && { mutedDuring }),
  };
  return [
    ...TEAMS.flatMap((team) => {
      const receiver = teams[team];
      return receiver === undefined ? [] : [{ matching: { severity, team }, receiver, ...common }];
    }),
    { matching: { severity }, receiver: receiverOf(severity, monitoring), ...common },
  ];
}

function receiverOf(severity: 'page' | 'ticket', monitoring: Service['monitoring']): string {
  const receiver = monitoring.notifications[severity].receiver ?? defaultReceiver(monitoring);
  if (receiver === undefined) throw new Error(`nobody is told of ${severity}: the definition is not validated`);
  return receiver;
}

function inWholeUnits({ groupWait, groupInterval, repeatInterval }: NotificationTiming): NotificationTiming {
  return {
    groupWait: wholeUnits(groupWait),
    groupInterval: wholeUnits(groupInterval),
    repeatInterval: wholeUnits(repeatInterval),
  };
}
