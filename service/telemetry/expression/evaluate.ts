import { isMatch } from '../matcher.ts';
import type { Metric } from '../metric.ts';
import type { Aggregation, Arithmetic, Comparison, Expression, Part, Selection } from './expression.ts';

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

/** The last snapshots of a process's own numbers. */
export type Recording = {
  /** When each snapshot was taken, in seconds since 1970, newest first. */
  readonly times: readonly number[];
  seriesOf(metric: Metric, part: Part): readonly RecordedSeries[];
};

/**
 * The value of an expression at the newest snapshot, as Prometheus would have it, except that rates are not
 * extrapolated: they are the change between the first and the last snapshot of the window, `windowSeconds` long.
 */
export function evaluate(expression: Expression, recording: Recording, windowSeconds: number): readonly Sample[] {
  switch (expression.kind) {
    case 'select':
      return matching(expression, recording).map(({ labels, valueAt }) => ({ labels, value: valueAt(0) }));
    case 'over': {
      const { times } = recording;
      const [now = 0] = times;
      const before = times.findLastIndex((at) => at >= now - windowSeconds);
      const seconds = now - (times[before] ?? now);
      if (seconds <= 0) return [];
      const per = expression.change === 'rate' ? seconds : 1;
      return matching(expression.of, recording).map(({ labels, valueAt }) => ({
        labels,
        value: (valueAt(0) - valueAt(before)) / per,
      }));
    }
    case 'aggregate':
      return aggregated(expression.by, evaluate(expression.of, recording, windowSeconds), expression.aggregation);
    case 'quantile':
      return quantiles(expression.share, evaluate(expression.of, recording, windowSeconds));
    case 'arithmetic':
    case 'comparison': {
      const { operator } = expression;
      const left = evaluate(expression.left, recording, windowSeconds);
      const right = evaluate(expression.right, recording, windowSeconds);
      return paired(left, right, isScalar(expression.left), isScalar(expression.right)).flatMap(
        ({ labels, a, b, kept }) => {
          if (expression.kind === 'arithmetic') return [{ labels, value: ARITHMETIC[operator as Arithmetic](a, b) }];
          return COMPARISONS[operator as Comparison](a, b) ? [{ labels, value: kept }] : [];
        },
      );
    }
    case 'number':
      return [{ labels: {}, value: expression.value }];
    case 'time':
      return [{ labels: {}, value: recording.times[0] ?? 0 }];
  }
}

const ARITHMETIC: Readonly<Record<Arithmetic, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};

const COMPARISONS: Readonly<Record<Comparison, (a: number, b: number) => boolean>> = {
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
};

const AGGREGATIONS: Readonly<Record<Aggregation, (values: readonly number[]) => number>> = {
  sum: (values) => values.reduce((sum, value) => sum + value, 0),
  max: (values) => Math.max(...values),
  min: (values) => Math.min(...values),
  count: (values) => values.length,
};

function matching({ metric, matchers, part }: Selection, recording: Recording): readonly RecordedSeries[] {
  const entries = Object.entries(matchers);
  return recording
    .seriesOf(metric, part)
    .filter(({ labels }) => entries.every(([label, matcher]) => isMatch(matcher, labels[label] ?? '')));
}

function aggregated(by: readonly string[], samples: readonly Sample[], aggregation: Aggregation): readonly Sample[] {
  return [...groupedBy(samples, ({ labels }) => picked(labels, by))].map(({ labels, members }) => ({
    labels,
    value: AGGREGATIONS[aggregation](members.map(({ value }) => value)),
  }));
}

/** Linear inside a bucket, and the last edge where the share lies above it, as in Prometheus' `histogram_quantile`. */
function quantiles(share: number, samples: readonly Sample[]): readonly Sample[] {
  const withoutEdge = ({ labels: { le: _, ...labels } }: Sample): SampleLabels => labels;
  return [...groupedBy(samples, withoutEdge)].map(({ labels, members }) => {
    const buckets = members
      .map(({ labels: { le = '' }, value }) => ({ edge: le === '+Inf' ? Infinity : Number(le), value }))
      .sort((a, b) => a.edge - b.edge);
    const rank = share * (buckets.at(-1)?.value ?? 0);
    const index = buckets.findIndex(({ value }) => value >= rank);
    const [below, bucket] = [buckets[index - 1], buckets[index]];
    if (!bucket || rank === 0) return { labels, value: NaN };
    if (bucket.edge === Infinity) return { labels, value: below?.edge ?? NaN };
    const [from, least] = [below?.edge ?? 0, below?.value ?? 0];
    return { labels, value: from + ((bucket.edge - from) * (rank - least)) / (bucket.value - least) };
  });
}

type Pair = {
  readonly labels: SampleLabels;
  readonly a: number;
  readonly b: number;
  /** What a comparison that holds lets through: the value of the side that is a series. */
  readonly kept: number;
};

function paired(
  left: readonly Sample[],
  right: readonly Sample[],
  leftIsScalar: boolean,
  rightIsScalar: boolean,
): readonly Pair[] {
  if (rightIsScalar) {
    const b = right[0]?.value ?? NaN;
    return left.map(({ labels, value: a }) => ({ labels, a, b, kept: a }));
  }
  if (leftIsScalar) {
    const a = left[0]?.value ?? NaN;
    return right.map(({ labels, value: b }) => ({ labels, a, b, kept: b }));
  }
  const others = new Map(right.map(({ labels, value }) => [keyOf(labels), value]));
  return left.flatMap(({ labels, value: a }) => {
    const b = others.get(keyOf(labels));
    return b === undefined ? [] : [{ labels, a, b, kept: a }];
  });
}

function isScalar(expression: Expression): boolean {
  switch (expression.kind) {
    case 'number':
    case 'time':
      return true;
    case 'arithmetic':
      return isScalar(expression.left) && isScalar(expression.right);
    default:
      return false;
  }
}

function groupedBy(
  samples: readonly Sample[],
  labelsOf: (sample: Sample) => SampleLabels,
): Iterable<{ readonly labels: SampleLabels; readonly members: readonly Sample[] }> {
  const groups = new Map<string, { readonly labels: SampleLabels; readonly members: Sample[] }>();
  for (const sample of samples) {
    const labels = labelsOf(sample);
    const key = keyOf(labels);
    const group = groups.get(key) ?? { labels, members: [] };
    groups.set(key, group);
    group.members.push(sample);
  }
  return groups.values();
}

function picked(labels: SampleLabels, names: readonly string[]): SampleLabels {
  return Object.fromEntries(
    names.flatMap((name) => (labels[name] === undefined ? [] : [[name, labels[name]] as const])),
  );
}

function keyOf(labels: SampleLabels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
