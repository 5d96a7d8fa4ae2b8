import type { Matchers } from '../matcher.ts';
import type { Metric } from '../metric.ts';

/** Which series of a histogram is meant; of any other metric, the empty one. */
export type Part = '' | '_bucket' | '_count' | '_sum';

/** The series of one metric whose labels match. */
export type Selection = {
  readonly kind: 'select';
  readonly metric: Metric;
  readonly matchers: Matchers;
  readonly part: Part;
};

/** Operators between two expressions. */
export type Arithmetic = '+' | '-' | '*' | '/';

/** Operators that let through what compares so. */
export type Comparison = '>' | '>=' | '<' | '<=';

/** How series become one. */
export type Aggregation = 'sum' | 'max' | 'min' | 'count';

/**
 * What is asked of metrics, as data: written once in a row, it is rendered to PromQL for Prometheus and Grafana, and
 * computed over a process's own samples for the live page. It means what PromQL means by it.
 */
export type Expression =
  | Selection
  | {
      readonly kind: 'over';
      readonly change: 'rate' | 'increase';
      readonly of: Selection;
      /** How far back; absent: as far as whoever asks looks. */
      readonly window: string | undefined;
    }
  | {
      readonly kind: 'aggregate';
      readonly aggregation: Aggregation;
      readonly by: readonly string[];
      readonly of: Expression;
    }
  | { readonly kind: 'quantile'; readonly share: number; readonly of: Expression }
  | {
      readonly kind: 'arithmetic';
      readonly operator: Arithmetic;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'comparison';
      readonly operator: Comparison;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'time' };

/** The series of a metric whose labels match. */
export function series(metric: Metric, matchers: Matchers = {}, part: Part = ''): Selection {
  return { kind: 'select', metric, matchers, part };
}

/** Increase of counters per second, over `window` such as `1d`; default: as far back as whoever asks looks. */
export function rate(of: Selection, window?: string): Expression {
  return { kind: 'over', change: 'rate', of, window };
}

/** Increase of counters over `window`; default: as far back as whoever asks looks. */
export function increase(of: Selection, window?: string): Expression {
  return { kind: 'over', change: 'increase', of, window };
}

/** Series added up, by labels. */
export function sum(by: readonly string[], of: Expression): Expression {
  return { kind: 'aggregate', aggregation: 'sum', by, of };
}

/** The largest of the series, by labels. */
export function max(by: readonly string[], of: Expression): Expression {
  return { kind: 'aggregate', aggregation: 'max', by, of };
}

/** The smallest of the series, by labels. */
export function min(by: readonly string[], of: Expression): Expression {
  return { kind: 'aggregate', aggregation: 'min', by, of };
}

/** How many series there are, by labels. */
export function count(by: readonly string[], of: Expression): Expression {
  return { kind: 'aggregate', aggregation: 'count', by, of };
}

/** The value that a share of the observations does not exceed; `of` are rates of buckets, which keep `le`. */
export function quantile(share: number, of: Expression): Expression {
  return { kind: 'quantile', share, of };
}

/** One by the other, where their labels are the same; a number goes with all. */
export function divide(left: Expression, right: Expression | number): Expression {
  return { kind: 'arithmetic', operator: '/', left, right: operand(right) };
}

/** One less the other, where their labels are the same; a number goes with all. */
export function subtract(left: Expression | number, right: Expression | number): Expression {
  return { kind: 'arithmetic', operator: '-', left: operand(left), right: operand(right) };
}

/** One plus the other, where their labels are the same; a number goes with all. */
export function add(left: Expression, right: Expression | number): Expression {
  return { kind: 'arithmetic', operator: '+', left, right: operand(right) };
}

/** One times the other, where their labels are the same; a number goes with all. */
export function multiply(left: Expression, right: Expression | number): Expression {
  return { kind: 'arithmetic', operator: '*', left, right: operand(right) };
}

/** What is above the other; the rest is left out. */
export function above(left: Expression, right: Expression | number): Expression {
  return { kind: 'comparison', operator: '>', left, right: operand(right) };
}

/** What is below the other; the rest is left out. */
export function below(left: Expression, right: Expression | number): Expression {
  return { kind: 'comparison', operator: '<', left, right: operand(right) };
}

/** The time of the question, in seconds since 1970. */
export function time(): Expression {
  return { kind: 'time' };
}

/** Every selection in an expression. */
export function selectionsOf(expression: Expression): readonly Selection[] {
  switch (expression.kind) {
    case 'select':
      return [expression];
    case 'over':
    case 'aggregate':
    case 'quantile':
      return selectionsOf(expression.of);
    case 'arithmetic':
    case 'comparison':
      return [...selectionsOf(expression.left), ...selectionsOf(expression.right)];
    case 'number':
    case 'time':
      return [];
  }
}

function operand(value: Expression | number): Expression {
  return typeof value === 'number' ? { kind: 'number', value } : value;
}
