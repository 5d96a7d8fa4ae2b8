import type { Recording } from '../../../service/telemetry/expression/index.ts';
import type { Metric } from '../../../service/telemetry/catalogue.ts';

/** Values of series over time by `name{label="value"}`, one every 5 s, oldest first; all of the same length. */
export type Values = Readonly<Record<string, readonly number[]>>;

/** The time of the first snapshot, in seconds, as promtool has it. */
const START = 0;

/** Time between two snapshots. */
export const STEP_SECONDS = 5;

/** What a process would remember of such values. */
export function recordingOf(values: Values): Recording {
  const rows = Object.entries(values).map(([selector, numbers]) => {
    const [, name = '', inner = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(selector) ?? [];
    const labels = Object.fromEntries(
      [...inner.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', value = '']) => [label, value]),
    );
    return { name, series: { labels, valueAt: (before: number) => numbers.at(-1 - before) ?? NaN } };
  });
  const length = Object.values(values)[0]?.length ?? 0;
  return {
    times: Array.from({ length }, (_, before) => START + (length - 1 - before) * STEP_SECONDS),
    seriesOf: (metric: Metric, part) =>
      rows.filter(({ name }) => name === metric.name + part).map(({ series }) => series),
  };
}
