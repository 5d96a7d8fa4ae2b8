import type { Metric } from '../metric.ts';
import type { Part } from './expression.ts';

/** The labels of a value. */
export type SampleLabels = Readonly<Record<string, string>>;

/** One value of a result. */
export type Sample = { readonly labels: SampleLabels; readonly value: number };

/** One series as a process remembers it. */
export type RecordedSeries = {
  readonly labels: SampleLabels;
  /** Its value in the newest snapshot, or so many snapshots before it. */
  valueAt(before: number): number;
};

/** The last snapshots of a process's own numbers. Which series there are does not change. */
export type Recording = {
  /** When each snapshot was taken, in seconds since 1970, newest first. */
  readonly times: readonly number[];
  seriesOf(metric: Metric, part: Part): readonly RecordedSeries[];
};
