import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { METRICS, RECORDED, type Metric } from '../../../service/telemetry/catalogue.ts';
import type { BoundedLabels } from './bounded-labels.ts';
import { aggregatedLabels, computedLabels } from './functions.ts';
import { joinedLabels } from './join.ts';
import type { Labels, QueryProblem, Reading } from './reading.ts';
import { selectedLabels, seriesOf } from './selector.ts';

/** A query read against the catalogue. */
export type CheckedQuery = { readonly labels: Labels; readonly problems: readonly QueryProblem[] };

const UNBOUNDED: BoundedLabels = new Map();

/** Whatever somebody exports, and what rules record of it. */
const NAMED: readonly Metric[] = [...Object.values(METRICS), ...Object.values(RECORDED)];

const READERS: Readonly<Record<string, (node: SyntaxNode, reading: Reading) => Labels>> = {
  VectorSelector: selectedLabels,
  AggregateExpr: aggregatedLabels,
  FunctionCall: computedLabels,
  BinaryExpr: joinedLabels,
};

/** What may be asked for: the metrics of a catalogue, and which of their exporters are scraped. */
export type Scraped = {
  readonly metrics: readonly Metric[];
  readonly exporters: readonly Metric['exporter'][] | 'all';
  /** The values that labels can have, by metric; of what is not there, any. */
  readonly bounded: BoundedLabels;
};

/**
 * Follows the labels of a PromQL expression from its metrics to its result, as the Prometheus engine would, and finds
 * metrics that nobody exports and labels that are not there (any more) where they are used.
 */
export function checkQuery(
  expression: string,
  { metrics = NAMED, exporters = 'all', bounded = UNBOUNDED }: Partial<Scraped> = {},
): CheckedQuery {
  const isScraped = ({ exporter }: Metric): boolean => exporters === 'all' || exporters.includes(exporter);
  const problems: QueryProblem[] = [];
  const reading: Reading = {
    text: (node) => expression.slice(node.from, node.to),
    labelsOf: (node) => (READERS[node.name] ?? unionOfChildren)(node, reading),
    series: new Map(metrics.filter(isScraped).flatMap((metric) => seriesOf(metric))),
    unscraped: new Map(metrics.filter((metric) => !isScraped(metric)).map(({ name, exporter }) => [name, exporter])),
    bounded: new Map(
      metrics.flatMap((metric) => seriesOf(metric).map(([series]) => [series, bounded.get(metric.name) ?? {}] as const)),
    ),
    report: (problem, edit) => problems.push({ problem, edit }),
  };
  const { topNode } = parser.parse(expression);
  const error = firstError(topNode);
  if (error !== undefined) {
    const place = expression.slice(error).trim();
    reading.report(`is not PromQL from ${place ? `'${place}'` : 'its end'} on`, 'write a complete PromQL expression');
    return { labels: undefined, problems };
  }
  return { labels: reading.labelsOf(topNode), problems };
}

function firstError(top: SyntaxNode): number | undefined {
  let position: number | undefined;
  top.cursor().iterate(({ type, from }) => {
    if (type.isError) position ??= from;
  });
  return position;
}

function unionOfChildren(node: SyntaxNode, { labelsOf }: Reading): Labels {
  let union: Set<string> | undefined;
  for (let child = node.firstChild; child; child = child.nextSibling) {
    const labels = labelsOf(child);
    if (labels) union = new Set([...(union ?? []), ...labels]);
  }
  return union;
}
