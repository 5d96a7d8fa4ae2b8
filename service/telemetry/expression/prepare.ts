import { isMatch } from '../matcher.ts';
import type { Aggregation, Arithmetic, Comparison, Expression, Selection } from './expression.ts';
import { bucketsOf, groupedBy, keyOf, picked, quantileOf } from './grouping.ts';
import type { RecordedSeries, Recording, SampleLabels } from './recording.ts';

/** A value, or undefined where there is none: a comparison let nothing through, or a rate has one snapshot alone. */
export type Value = number | undefined;

/** An expression over one recording. Matching and grouping are done: a read only calculates. */
export type Prepared = {
  /** The labels of every value that there can be. */
  readonly labels: readonly SampleLabels[];
  /** The values at the newest snapshot, in the order of the labels. */
  read(): readonly Value[];
};

/**
 * An expression made ready to be computed after every snapshot, as Prometheus would have it, except that rates are not
 * extrapolated: they are the change between the first and the last snapshot of the window, `windowSeconds` long.
 */
export function prepare(expression: Expression, recording: Recording, windowSeconds: number): Prepared {
  switch (expression.kind) {
    case 'select': {
      const found = matching(expression, recording);
      return { labels: labelsOf(found), read: () => found.map((series) => series.valueAt(0)) };
    }
    case 'over': {
      const found = matching(expression.of, recording);
      const isRate = expression.change === 'rate';
      return {
        labels: labelsOf(found),
        read() {
          const { times } = recording;
          const [now = 0] = times;
          const before = times.findLastIndex((at) => at >= now - windowSeconds);
          const seconds = now - (times[before] ?? now);
          if (seconds <= 0) return found.map(() => undefined);
          const per = isRate ? seconds : 1;
          return found.map((series) => (series.valueAt(0) - series.valueAt(before)) / per);
        },
      };
    }
    case 'aggregate': {
      const of = prepare(expression.of, recording, windowSeconds);
      const groups = groupedBy(of.labels, (labels) => picked(labels, expression.by));
      const combine = AGGREGATIONS[expression.aggregation];
      return overGroups(of, groups, (values) => combine(values.filter((value) => value !== undefined)));
    }
    case 'quantile': {
      const of = prepare(expression.of, recording, windowSeconds);
      const groups = groupedBy(of.labels, ({ le: _, ...labels }) => labels).map(bucketsOf);
      return overGroups(of, groups, (values, group) => quantileOf(expression.share, group.edges, values));
    }
    case 'arithmetic': {
      const apply = ARITHMETIC[expression.operator];
      return paired(expression, recording, windowSeconds, apply);
    }
    case 'comparison': {
      const holds = COMPARISONS[expression.operator];
      return paired(expression, recording, windowSeconds, (a, b, kept) => (holds(a, b) ? kept : undefined));
    }
    case 'number': {
      const values = [expression.value];
      return { labels: [{}], read: () => values };
    }
    case 'time':
      return { labels: [{}], read: () => [recording.times[0] ?? 0] };
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

/** One value for each group that has any. */
function overGroups<Group extends { readonly labels: SampleLabels; readonly members: readonly number[] }>(
  of: Prepared,
  groups: readonly Group[],
  combine: (values: readonly Value[], group: Group) => number,
): Prepared {
  return {
    labels: labelsOf(groups),
    read() {
      const all = of.read();
      return groups.map((group) => {
        const values = group.members.map((index) => all[index]);
        return values.every((value) => value === undefined) ? undefined : combine(values, group);
      });
    },
  };
}

/** `kept` is what a comparison that holds lets through: the value of the side that is a series. */
type Apply = (a: number, b: number, kept: number) => Value;

function paired(
  expression: Extract<Expression, { kind: 'arithmetic' | 'comparison' }>,
  recording: Recording,
  windowSeconds: number,
  apply: Apply,
): Prepared {
  const left = prepare(expression.left, recording, windowSeconds);
  const right = prepare(expression.right, recording, windowSeconds);
  if (isScalar(expression.right)) return withScalar(left, right, (a, b) => apply(a, b, a));
  if (isScalar(expression.left)) return withScalar(right, left, (b, a) => apply(a, b, b));
  const others = new Map(right.labels.map((labels, index) => [keyOf(labels), index]));
  const pairs = left.labels.flatMap((labels, index) => {
    const other = others.get(keyOf(labels));
    return other === undefined ? [] : [{ labels, index, other }];
  });
  return {
    labels: labelsOf(pairs),
    read() {
      const [as, bs] = [left.read(), right.read()];
      return pairs.map(({ index, other }) => {
        const [a, b] = [as[index], bs[other]];
        return a === undefined || b === undefined ? undefined : apply(a, b, a);
      });
    },
  };
}

function withScalar(of: Prepared, scalar: Prepared, apply: (value: number, scalar: number) => Value): Prepared {
  return {
    labels: of.labels,
    read() {
      const [one = NaN] = scalar.read();
      return of.read().map((value) => (value === undefined ? undefined : apply(value, one)));
    },
  };
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

function labelsOf(rows: readonly { readonly labels: SampleLabels }[]): readonly SampleLabels[] {
  return rows.map(({ labels }) => labels);
}
