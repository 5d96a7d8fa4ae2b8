import { ALERTS, alertsOf, pendingOf, ruleGroups, type Alert, type AlertId } from '../../alerts/index.ts';
import {
  exportersOf,
  scrapeIntervalOf,
  toMilliseconds,
  type Duration,
  type Service,
} from '../../service/definition/index.ts';
import type { Experiment, Link } from '../experiment.ts';
import { QUICK_INTERVAL } from './pace.ts';
import type { Pace } from './stand.ts';

/** The times of an experiment at a pace, in milliseconds. */
export type Timing = {
  /** How long the load runs alone. */
  readonly before: number;
  readonly least: number;
  readonly duration: number;
  /** By when the stand takes the fault back by itself, counted from its injection. */
  readonly deadline: number;
  /** For how long what is late is still looked for, after the last deadline. */
  readonly grace: number;
  /** What a link has, from where it counts. */
  readonly within: (link: Link) => number;
};

type PaceTimes = {
  readonly before: number;
  /** Caps of the fault's own times. */
  readonly least: number;
  readonly duration: number;
  readonly grace: number;
  /** The least that an alert, or the steady state, has. */
  readonly alert: number;
  readonly steady: number;
};

/**
 * What each pace allows. A quick drill ends in 90 s with the start of its stand, so its fault may last 40 s and what
 * follows gets seconds; alerts have at least what two slow evaluations on a busy laptop take.
 */
const TIMES: Readonly<Record<Pace['name'], PaceTimes>> = {
  full: { before: 30_000, least: Infinity, duration: Infinity, grace: 60_000, alert: 0, steady: 0 },
  quick: { before: 5_000, least: 8_000, duration: 40_000, grace: 10_000, alert: 10_000, steady: 20_000 },
};

/** What a stand has to take a fault back before its own deadline does: the tries of a drill that still lives. */
const MARGIN_MS = 30_000;

/** What a quick alert has beyond its detection, for the start of a rule and the machine. */
const QUICK_ALERT_SLACK_MS = 10_000;

/** How often each kind of expectation is looked at. */
export const LOOK_EVERY_MS = {
  breaker: 250,
  alert: 1_000,
  guard: 1_000,
  'pods-ready': 500,
  counted: 1_000,
  steady: 1_000,
  fetches: 500,
} as const satisfies Readonly<Record<Link['expect']['kind'] | 'fetches', number>>;

/** The times of an experiment in an environment, at a pace. */
export function timingOf(experiment: Experiment, service: Service, pace: Pace): Timing {
  const times = TIMES[pace.name];
  const within = (link: Link): number => realBefore(link, experiment, pace) + withinOf(link, service, pace);
  const fromFault = experiment.chain.filter(({ from }) => from === 'fault').map(within);
  // Real times are not shortened: where one is longer than a quick fault, the fault waits for it.
  const duration = Math.max(Math.min(toMilliseconds(experiment.duration), times.duration), ...fromFault);
  return {
    before: times.before,
    least: Math.min(toMilliseconds(experiment.least), times.least),
    duration,
    deadline: duration + MARGIN_MS,
    grace: times.grace,
    within,
  };
}

/**
 * The least time after which an alert can be seen to fire or to resolve: what is wrong is scraped twice, then judged,
 * then it has to hold; an alert that explains what it leaves behind goes on for as long.
 */
export function detectionOf(id: AlertId, state: 'firing' | 'resolved', service: Service, pace: Pace): number {
  const alert = ALERTS.find((each) => each.id === id) as Alert;
  const held = state === 'firing' ? pendingOf(alert, service) : (alert.keepFiring ?? '0s');
  return 2 * scrapeOf(alert, service, pace) + evaluationOf(id, service, pace) + toMilliseconds(held) / pace.factor;
}

/** Whether an environment has an alert. */
export function hasAlert(id: AlertId, service: Service): boolean {
  return alertsOf(service).some((alert) => alert.id === id);
}

/**
 * What shortened times have on top: rules see a breaker that opens only once it has, which takes as long at any pace.
 */
function realBefore(link: Link, { chain }: Experiment, pace: Pace): number {
  const followsRules = link.expect.kind === 'alert' || link.expect.kind === 'steady';
  if (pace.factor === 1 || !followsRules) return 0;
  const place = chain.indexOf(link);
  // The return to the steady state comes last where the row leaves it out.
  const before = chain.slice(0, place < 0 ? chain.length : place).filter(({ from, expect }) => {
    return from === link.from && expect.kind !== 'alert' && expect.kind !== 'steady';
  });
  return Math.max(0, ...before.map(({ within }) => toMilliseconds(within)));
}

function withinOf({ within, expect }: Link, service: Service, pace: Pace): number {
  const full = toMilliseconds(within);
  const { alert, steady } = TIMES[pace.name];
  switch (expect.kind) {
    case 'alert': {
      if (pace.factor === 1) return full;
      const detection = detectionOf(expect.alert, expect.state, service, pace);
      return Math.max(full / pace.factor, detection + QUICK_ALERT_SLACK_MS, alert);
    }
    case 'steady':
      return Math.max(full / pace.factor, steady);
    default:
      return full;
  }
}

/** Of the exporters that an environment runs, the one that is asked least often. */
function scrapeOf({ exporters }: Alert, service: Service, pace: Pace): number {
  const running = exportersOf(service);
  const asked = (exporters ?? (['gateway'] as const)).filter((exporter) => running.includes(exporter));
  const slowest = Math.max(0, ...asked.map((exporter) => toMilliseconds(scrapeIntervalOf(exporter, service))));
  return pace.factor === 1 ? slowest : Math.max(toMilliseconds(QUICK_INTERVAL), slowest / pace.factor);
}

function evaluationOf(id: AlertId, service: Service, pace: Pace): number {
  const group = ruleGroups(service).groups.find(({ rules }) =>
    rules.some((rule) => 'alert' in rule && rule.alert === id),
  );
  const interval: Duration = group?.interval ?? service.monitoring.evaluationInterval;
  const full = toMilliseconds(interval);
  return pace.factor === 1 ? full : Math.max(toMilliseconds(QUICK_INTERVAL), full / pace.factor);
}
