import { METRICS } from '../../telemetry/catalogue.ts';
import {
  above,
  below,
  divide,
  increase,
  max,
  prepare,
  series,
  sum,
  type Expression,
  type Recording,
  type SampleLabels,
} from '../../telemetry/expression/index.ts';
import type { GATEWAY_PANELS, Panel, Threshold } from '../../telemetry/panels/index.ts';
import { THRESHOLDS } from '../../telemetry/thresholds.ts';
import type { Points } from './points.ts';
import { inUnit } from './page/units.js';
import { CONDITION_WINDOW_SECONDS, LATE_SECONDS } from './windows.ts';
import type { LiveCondition } from './wire.ts';

/** A kind of condition; each value of its expression is one that holds. */
type ConditionRow = {
  readonly id: string;
  readonly grade: LiveCondition['grade'];
  readonly panel: (typeof GATEWAY_PANELS)[number]['id'];
  readonly expression: (workers: number) => Expression;
  readonly words: (labels: SampleLabels, value: number) => string;
};

const ALMOST_ALL = 0.999;

/** What is not as it should be, beside panels that have crossed their line. */
const CONDITIONS: readonly ConditionRow[] = [
  {
    id: 'breaker',
    grade: 'bad',
    panel: 'breakers',
    expression: () => above(sum(['breaker'], series(METRICS.breakersOpen)), 0),
    words: ({ breaker }, workers) =>
      `The breaker ${breaker} is not closed in ${counted(workers, 'worker')}: what it guards fails, and is left alone.`,
  },
  {
    id: 'workers',
    grade: 'bad',
    panel: 'workers',
    expression: (workers) => below(sum([], series(METRICS.workers)), workers),
    words: (_labels, alive) => `Only ${counted(alive, 'worker')} of this pod can answer.`,
  },
  {
    id: 'lane-full',
    grade: 'bad',
    panel: 'lanes',
    expression: () => above(max(['lane'], divide(series(METRICS.laneInFlight), series(METRICS.laneLimit))), ALMOST_ALL),
    words: ({ lane }) => `The lane ${lane} is full: whatever comes now waits.`,
  },
  {
    id: 'shed',
    grade: 'bad',
    panel: 'shed',
    expression: () => above(sum(['lane'], increase(series(METRICS.shed))), 0),
    words: ({ lane }, requests) =>
      `${counted(requests, 'request')} of the lane ${lane} ${wereOf(requests)} refused for want of room in the last minute.`,
  },
  {
    id: 'streams-cut',
    grade: 'bad',
    panel: 'streams-cut',
    expression: () => above(sum(['lane'], increase(series(METRICS.streamsCut))), 0),
    words: ({ lane }, answers) => `${counted(answers, 'answer')} of the lane ${lane} broke off in the last minute.`,
  },
  {
    id: 'store-errors',
    grade: 'warning',
    panel: 'store-errors',
    expression: () => above(sum(['store'], increase(series(METRICS.storeErrors))), 0),
    words: ({ store }, calls) => `${counted(calls, 'call')} of ${store} failed in the last minute.`,
  },
  {
    id: 'unchecked',
    grade: 'warning',
    panel: 'limit-decisions',
    expression: () => above(sum([], increase(series(METRICS.limitDecisions, { decision: 'unchecked' }))), 0),
    words: (_labels, requests) =>
      `${counted(requests, 'request')} passed without their limits in the last minute: the store of limits did not answer.`,
  },
  {
    id: 'pool-waiting',
    grade: 'warning',
    panel: 'queues',
    expression: () => above(sum(['lane'], series(METRICS.poolWaiting)), 0),
    words: ({ lane }, queries) =>
      `${counted(queries, 'query', 'queries')} of the lane ${lane} wait for a connection to Postgres.`,
  },
  {
    id: 'provider-limit',
    grade: 'warning',
    panel: 'provider-limit',
    expression: () =>
      below(
        divide(
          max(['model', 'resource'], series(METRICS.providerRemaining)),
          max(['model', 'resource'], series(METRICS.providerLimit)),
        ),
        THRESHOLDS.providerLeft,
      ),
    words: ({ model, resource }, share) =>
      `Of the ${resource} that the provider of ${model} admits, ${inUnit(share, 'percentunit')} is left.`,
  },
  {
    id: 'log-dropped',
    grade: 'warning',
    panel: 'log-dropped',
    expression: () => above(sum([], increase(series(METRICS.logDropped))), 0),
    words: (_labels, lines) =>
      `${counted(lines, 'line')} of the log ${wereOf(lines)} dropped in the last minute: nobody takes them.`,
  },
];

/** What conditions are found in. */
export type ConditionsOptions = {
  readonly thresholdOf: (panel: Panel) => Threshold | undefined;
  /** Workers that there should be. */
  readonly workers: number;
  readonly panels: readonly Panel[];
  readonly recording: Recording;
  readonly points: Points;
};

/** The conditions that hold. */
export type Conditions = {
  /** Looks at the newest snapshot. */
  take(): void;
  /** Those that held then, the worst first. */
  now(): readonly LiveCondition[];
};

type Found = Omit<LiveCondition, 'since'>;

/** Watches for what is not as it should be, and since when it is so. */
export function createConditions({ thresholdOf, workers, panels, recording, points }: ConditionsOptions): Conditions {
  const rows = CONDITIONS.map((row) => ({
    ...row,
    prepared: prepare(row.expression(workers), recording, CONDITION_WINDOW_SECONDS + LATE_SECONDS),
  }));
  const since = new Map<string, number>();
  let found: readonly LiveCondition[] = [];
  const crossed = (panel: Panel): readonly Found[] => {
    const threshold = thresholdOf(panel);
    if (!threshold) return [];
    const sign = threshold.bad === 'above' ? 1 : -1;
    const beyond = points
      .latest(panel.id)
      .flatMap((value, index) =>
        value !== undefined && (value - threshold.value) * sign > 0 ? [{ value, index }] : [],
      );
    // Of several lines the worst is told: they say the same thing.
    const [worst] = beyond.sort((a, b) => (b.value - a.value) * sign);
    if (!worst) return [];
    const lines = points.lines.get(panel.id) ?? [];
    const name = lines.length > 1 ? ` ${lines[worst.index]?.name ?? ''}` : '';
    const [value, limit] = [inUnit(worst.value, panel.unit), inUnit(threshold.value, panel.unit)];
    const words = `${panel.title}${name}: ${value} is ${threshold.bad} ${limit}.`;
    return [{ id: panel.id, grade: 'bad', panel: panel.id, words }];
  };
  return {
    take() {
      const now: Found[] = panels.flatMap(crossed);
      for (const { id, grade, panel, words, prepared } of rows) {
        prepared.read().forEach((value, index) => {
          if (value === undefined || Number.isNaN(value)) return;
          const labels = prepared.labels[index] ?? {};
          now.push({ id: [id, ...Object.values(labels)].join('/'), grade, panel, words: words(labels, value) });
        });
      }
      const ids = new Set(now.map(({ id }) => id));
      for (const id of since.keys()) if (!ids.has(id)) since.delete(id);
      for (const id of ids) if (!since.has(id)) since.set(id, recording.times[0] ?? 0);
      found = now.map((each) => ({ ...each, since: since.get(each.id) ?? 0 })).sort((a, b) => rankOf(a) - rankOf(b));
    },
    now: () => found,
  };
}

function rankOf({ grade }: LiveCondition): number {
  return grade === 'bad' ? 0 : 1;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${Math.round(count)} ${count === 1 ? one : many}`;
}

function wereOf(count: number): string {
  return count === 1 ? 'was' : 'were';
}
