import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import type { AlertingRule, RecordingRule, RuleGroups } from '../../alerts/index.ts';
import { formatDuration, toMilliseconds, type Duration } from '../../service/definition/index.ts';
import type { Pace } from './stand.ts';

/** Rules as they are in production: an alert that waits five minutes does so. */
export const FULL: Pace = Object.freeze({ name: 'full', factor: 1 });

/** Five minutes in fifteen seconds, so that a drill ends while somebody looks on. */
export const QUICK: Pace = Object.freeze({ name: 'quick', factor: 20 });

/** How often everything is scraped and judged at quick pace: no window is shorter than a few of it. */
export const QUICK_INTERVAL: Duration = '1s';

// A rate needs two points, and one of the scrapes may be late and another one lost.
const SCRAPES_IN_WINDOW = 4;
const SHORTEST_WINDOW_MS = SCRAPES_IN_WINDOW * toMilliseconds(QUICK_INTERVAL);
const SHORTEST_INTERVAL_MS = toMilliseconds(QUICK_INTERVAL);

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/**
 * The rules with all their times divided by a factor: `for`, `keep_firing_for`, the intervals of groups, and in
 * expressions windows, subqueries with their steps, offsets and how far ahead `predict_linear` looks. Names stay, so
 * that one of `rate5m` then holds less than five minutes; so do thresholds, whatever their unit. No window becomes
 * shorter than four scrapes, and no interval than one.
 */
export function scaleRules({ groups }: RuleGroups, factor: number): RuleGroups {
  if (factor === 1) return { groups };
  const scaled = (duration: Duration): Duration => formatDuration(Math.ceil(toMilliseconds(duration) / factor));
  const scaleRule = <T extends RecordingRule | AlertingRule>(rule: T): T => ({
    ...rule,
    expr: scaleExpression(rule.expr, factor),
    ...('for' in rule && { for: scaled(rule.for) }),
    ...('keep_firing_for' in rule && { keep_firing_for: scaled(rule.keep_firing_for) }),
  });
  return {
    groups: groups.map(({ name, interval, rules }) => ({
      name,
      interval: formatDuration(Math.max(SHORTEST_INTERVAL_MS, Math.ceil(toMilliseconds(interval) / factor))),
      rules: rules.map(scaleRule),
    })),
  };
}

/** One expression of PromQL, with its times divided likewise. */
export function scaleExpression(expression: string, factor: number): string {
  const edits: { readonly node: SyntaxNode; readonly text: string }[] = [];
  const textOf = (node: SyntaxNode): string => expression.slice(node.from, node.to);
  parser.parse(expression).iterate({
    enter({ node }) {
      if (node.name === 'NumberDurationLiteralInDurationContext') {
        const scale = SCALES[holderOf(node).name] ?? divided;
        const milliseconds = scale({ node, textOf, factor });
        edits.push({ node, text: formatDuration(Math.max(1, Math.round(milliseconds))) });
      }
      if (isHorizon(node)) edits.push({ node, text: String(parseTime(textOf(node)) / 1_000 / factor) });
    },
  });
  return edits.reduceRight(
    (text, { node, text: time }) => text.slice(0, node.from) + time + text.slice(node.to),
    expression,
  );
}

type Literal = {
  readonly node: SyntaxNode;
  readonly textOf: (node: SyntaxNode) => string;
  readonly factor: number;
};

const divided = ({ node, textOf, factor }: Literal): number => parseTime(textOf(node)) / factor;
const window = (literal: Literal): number => Math.max(SHORTEST_WINDOW_MS, divided(literal));

const SCALES: Readonly<Record<string, (literal: Literal) => number>> = {
  MatrixSelector: window,
  /** A window, and its step in the same proportion: what divides by the number of points stays right. */
  SubqueryExpr(literal) {
    const { node, textOf } = literal;
    const whole = holderOf(node).getChild('DurationExpr');
    if (!whole || (whole.from <= node.from && node.to <= whole.to)) return window(literal);
    const before = parseTime(textOf(whole));
    const after = Math.max(SHORTEST_WINDOW_MS, before / literal.factor);
    return parseTime(textOf(node)) * (after / before);
  },
};

/** What a duration belongs to: a selector with a window, a subquery, an offset. */
function holderOf(literal: SyntaxNode): SyntaxNode {
  let holder = literal;
  while (/Literal|DurationExpr/.test(holder.name) && holder.parent) holder = holder.parent;
  return holder;
}

/** Whether a number says how far ahead `predict_linear` looks. */
function isHorizon(node: SyntaxNode): boolean {
  const call = node.parent?.parent;
  return (
    node.name === 'NumberDurationLiteral' &&
    node.parent?.name === 'FunctionCallBody' &&
    call?.getChild('FunctionIdentifier')?.getChild('PredictLinear') != null
  );
}

/** A duration as PromQL writes it, `1h30m`, or a number of seconds; in milliseconds. */
function parseTime(text: string): number {
  if (/^[\d.]+$/.test(text)) return Number(text) * 1_000;
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdwy])/g)].reduce(
    (sum, [, amount, unit = 'ms']) => sum + Number(amount) * (UNITS[unit] ?? 1),
    0,
  );
}
