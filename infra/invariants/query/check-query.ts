import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { METRICS, RECORDED, type Metric } from '../../../service/telemetry/catalogue.ts';
import type { BoundedLabels } from './bounded-labels.ts';
import { aggregatedLabels, computedLabels } from './functions.ts';
import { joinedLabels } from './join.ts';
import type { Known, Labels, QueryProblem, Reading, Selected } from './reading.ts';
import { selectedLabels, seriesOf } from './selector.ts';
import { recentLabels, repeatedLabels } from './window.ts';

/** A query read against the catalogue. */
export type CheckedQuery = {
  readonly labels: Labels;
  readonly problems: readonly QueryProblem[];
  /** What it asks for, each as often as it does. */
  readonly selected: readonly Selected[];
};

/** Whatever somebody exports, and what rules record of it. */
const NAMED: readonly Metric[] = [...Object.values(METRICS), ...Object.values(RECORDED)];

const READERS: Readonly<Record<string, (node: SyntaxNode, reading: Reading) => Labels>> = {
  VectorSelector: selectedLabels,
  MatrixSelector: recentLabels,
  SubqueryExpr: repeatedLabels,
  AggregateExpr: aggregatedLabels,
  FunctionCall: computedLabels,
  BinaryExpr: joinedLabels,
};

/** What may be asked for: the metrics of a catalogue, and which of their exporters are scraped. */
export type Scraped = {
  readonly metrics: readonly Metric[];
  /** What rules record elsewhere and not here. */
  readonly unrecorded: readonly Metric[];
  readonly exporters: readonly Metric['exporter'][] | 'all';
  /** The values that labels can have, by metric; of what is not there, any. */
  readonly bounded: BoundedLabels;
  /** Milliseconds between two values of a metric; undefined: nobody says. */
  readonly interval: (metric: Metric) => number | undefined;
};

/** Reads one query. */
export type QueryReader = (expression: string) => CheckedQuery;

/**
 * What follows the labels of a PromQL expression from its metrics to its result, as the Prometheus engine would, and
 * finds metrics that nobody exports, labels that are not there (any more) where they are used, values that a label
 * never has and windows too short for what they look at. It reads each expression once.
 */
export function queryReader(scraped: Partial<Scraped> = {}): QueryReader {
  const known = knownIn(scraped);
  const read = new Map<string, CheckedQuery>();
  return (expression) => {
    const checked = read.get(expression) ?? readQuery(expression, known);
    read.set(expression, checked);
    return checked;
  };
}

/** Reads a single query as `queryReader` does. */
export function checkQuery(expression: string, scraped: Partial<Scraped> = {}): CheckedQuery {
  return queryReader(scraped)(expression);
}

function readQuery(expression: string, known: Known): CheckedQuery {
  const problems: QueryProblem[] = [];
  const selected: Selected[] = [];
  const reading: Reading = {
    text: (node) => expression.slice(node.from, node.to),
    labelsOf: (node) => (READERS[node.name] ?? unionOfChildren)(node, reading),
    known,
    select: (each) => selected.push(each),
    report: (problem, edit) => problems.push({ problem, edit }),
  };
  const { topNode } = parser.parse(expression);
  const error = firstError(topNode);
  if (error !== undefined) {
    const place = expression.slice(error).trim();
    reading.report(`is not PromQL from ${place ? `'${place}'` : 'its end'} on`, 'write a complete PromQL expression');
    return { labels: undefined, problems, selected };
  }
  return { labels: reading.labelsOf(topNode), problems, selected };
}

function knownIn({
  metrics = NAMED,
  unrecorded = [],
  exporters = 'all',
  bounded = new Map(),
  interval = () => undefined,
}: Partial<Scraped>): Known {
  const isScraped = ({ exporter }: Metric): boolean => exporters === 'all' || exporters.includes(exporter);
  const absentFor = (metric: Metric, problem: QueryProblem): (readonly [string, QueryProblem])[] =>
    seriesOf(metric).map(([name]) => [name, { ...problem, problem: `names the metric '${name}' ${problem.problem}` }]);
  return {
    series: new Map(metrics.filter(isScraped).flatMap((metric) => seriesOf(metric))),
    absent: new Map([
      ...metrics
        .filter((metric) => !isScraped(metric))
        .flatMap((metric) =>
          absentFor(metric, {
            problem: `of ${metric.exporter}, which this environment does not run`,
            edit: `name ${metric.exporter} among the exporters of its row, so that it is left out where nothing would fill it`,
          }),
        ),
      ...unrecorded.flatMap((metric) =>
        absentFor(metric, {
          problem: 'of a rule, which this environment does not have',
          edit: 'leave the row out where nothing records it, or record it here',
        }),
      ),
    ]),
    bounded,
    interval,
  };
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
