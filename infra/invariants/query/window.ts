import type { SyntaxNode } from '@lezer/common';
import { seconds } from '../time.ts';
import type { Labels, Reading } from './reading.ts';
import { selectedName } from './selector.ts';

/** Milliseconds of each unit of PromQL. */
const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** The labels of what is looked back at, `up[5m]`, which must be long enough to hold two values. */
export function recentLabels(node: SyntaxNode, reading: Reading): Labels {
  const { known } = reading;
  const selector = node.getChild('VectorSelector');
  if (!selector) return undefined;
  const labels = reading.labelsOf(selector);
  const name = selectedName(selector, reading) ?? '';
  const series = known.series.get(name);
  const interval = series && known.interval(series.metric);
  if (interval !== undefined) requireTwo(node, `'${name}', of which there is one value`, interval, reading);
  return labels;
}

/** The labels of what is evaluated again and again, `(a > b)[5m:10s]`, which must be done twice at least. */
export function repeatedLabels(node: SyntaxNode, reading: Reading): Labels {
  const [, step] = node.getChildren('DurationExpr');
  const interval = step && parsed(reading.text(step));
  if (interval !== undefined) requireTwo(node, 'what it evaluates', interval, reading);
  return node.firstChild ? reading.labelsOf(node.firstChild) : undefined;
}

function requireTwo(node: SyntaxNode, what: string, interval: number, { report, text }: Reading): void {
  const duration = node.getChild('DurationExpr');
  if (!duration) return;
  const window = parsed(text(duration));
  if (window === undefined || window >= 2 * interval) return;
  report(
    `looks back ${text(duration)} at ${what} each ${seconds(interval)}`,
    `look back ${seconds(2 * interval)} at least, since of one value there is no rate; or ask for values more often`,
  );
}

/** A duration of PromQL such as `1h30m` in milliseconds; undefined for what has to be computed. */
function parsed(text: string): number | undefined {
  if (!/^(\d+(ms|[smhdwy]))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (UNITS[unit] ?? 0),
    0,
  );
}
