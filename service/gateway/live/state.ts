import type { BreakerRow } from '../../resilience/index.ts';
import { METRICS, type Metric } from '../../telemetry/catalogue.ts';
import { increase, prepare, series, sum, type Expression, type Recording } from '../../telemetry/expression/index.ts';
import { CONDITION_WINDOW_SECONDS, LATE_SECONDS } from './windows.ts';
import type { LiveBreaker, LiveLimit, LiveState } from './wire.ts';

/** What the program says of itself beside its numbers. */
export type Told = {
  readonly stage: () => LiveState['stage'];
  /** When the program started, in seconds since 1970. */
  readonly start: number;
  readonly logLevel: () => string;
  /** Workers that there should be. */
  readonly workers: number;
  /** The breakers of every worker. */
  readonly breakers: () => readonly Pick<BreakerRow, 'name' | 'state' | 'calls' | 'failures'>[];
  readonly limits: () => readonly Omit<LiveLimit, 'denied'>[];
};

/** A function that tells how the gateway is now. */
export function watchState(told: Told, recording: Recording, now: () => number): () => LiveState {
  const alive = only(recording, series(METRICS.workers));
  const restarts = only(recording, series(METRICS.workerRestarts));
  const working = byLabel(recording, 'lane', series(METRICS.laneInFlight));
  const room = byLabel(recording, 'lane', series(METRICS.laneLimit));
  const waiting = byLabel(recording, 'lane', series(METRICS.laneQueued));
  const denials = [denialsOf(recording, METRICS.limitDenials), denialsOf(recording, METRICS.limitShadowDenials)];
  return () => {
    const [inLanes, limits, queued] = [working(), room(), waiting()];
    const denied = denials.map((read) => read());
    return {
      stage: told.stage(),
      uptime: Math.round(now() - told.start),
      logLevel: told.logLevel(),
      workers: { alive: alive(), wanted: told.workers, restarts: restarts() },
      lanes: [...limits].map(([lane, limit]) => ({
        lane,
        working: inLanes.get(lane) ?? 0,
        limit,
        waiting: queued.get(lane) ?? 0,
      })),
      breakers: [...Map.groupBy(told.breakers(), ({ name }) => name)].map(([name, rows]) => breakerOf(name, rows)),
      limits: told.limits().map(({ limit, of, rule, shadow }) => ({
        limit,
        of,
        rule,
        shadow,
        denied: denied.reduce((total, each) => total + (each.get(limit) ?? 0), 0),
      })),
    };
  };
}

function breakerOf(name: string, rows: ReturnType<Told['breakers']>): LiveBreaker {
  const inState = (wanted: string): number => rows.filter(({ state }) => state === wanted).length;
  return {
    name,
    closed: inState('closed'),
    halfOpen: inState('half-open'),
    open: inState('open'),
    calls: rows.reduce((total, { calls }) => total + calls, 0),
    failures: rows.reduce((total, { failures }) => total + failures, 0),
  };
}

function denialsOf(recording: Recording, metric: Metric): () => ReadonlyMap<string, number> {
  return byLabel(recording, 'limit', sum(['limit'], increase(series(metric))));
}

/** A function that reads the values of an expression by one of their labels. */
function byLabel(recording: Recording, label: string, expression: Expression): () => ReadonlyMap<string, number> {
  const { labels, read } = prepare(expression, recording, CONDITION_WINDOW_SECONDS + LATE_SECONDS);
  const names = labels.map((each) => each[label] ?? '');
  return () => {
    const values = read();
    return new Map(names.map((name, index) => [name, values[index] ?? 0]));
  };
}

/** A function that reads the value of an expression that has one. */
function only(recording: Recording, expression: Expression): () => number {
  const { read } = prepare(expression, recording, CONDITION_WINDOW_SECONDS + LATE_SECONDS);
  return () => {
    const [value = 0] = read();
    // Before the first snapshot it is no number.
    return Number.isNaN(value) ? 0 : value;
  };
}
