import type { SyntaxNode } from '@lezer/common';
import { nearest } from '../../../service/definition/index.ts';
import type { Metric } from '../../../service/telemetry/catalogue.ts';
import { matchersOf, requireValues } from './matchers.ts';
import { requireLabels, type Known, type KnownSeries, type Labels, type Reading } from './reading.ts';

/** Labels that the scrape adds to every series. */
const TARGET_LABELS = ['job', 'instance', 'namespace', 'pod'] as const;

/** Of a gateway's pods also the release that each belongs to, so that rules can compare two. */
const RELEASE_LABEL = 'pod_template_hash';

/** The labels of a selected metric, `up{job="gateway"}`. */
export function selectedLabels(node: SyntaxNode, reading: Reading): Labels {
  const { known, report, text } = reading;
  const matchers = matchersOf(node, reading);
  const named = matchers.map(({ label }) => label);
  const anything = (): Labels => new Set([...TARGET_LABELS, ...named]);
  const name = selectedName(node, reading);
  if (name === undefined) {
    report(`selects series without naming a metric: ${text(node)}`, 'put the metric before the braces');
    return anything();
  }
  const absent = known.absent.get(name);
  if (absent) {
    report(absent.problem, absent.edit);
    return anything();
  }
  const found = known.series.get(name);
  if (!found) {
    const hint = nearest(name, [...known.series.keys()]) ?? 'or add it to service/telemetry/catalogue.ts';
    report(`names the metric '${name}', which nobody exports`, `name a metric of the catalogue; ${hint}`);
    return anything();
  }
  // What a rule recorded has the labels that the rule left, and no target.
  const available = new Set(name.includes(':') ? found.labels : [...found.labels, ...TARGET_LABELS]);
  requireLabels(named, available, `matches '${name}' by`, reading);
  requireValues(name, matchers, valuesOf(found, known), reading);
  if (node.getChild('LabelMatchers')?.getChild('QuotedLabelMatcher'))
    report(`names a label in quotes: ${text(node)}`, 'leave the quotes out: Prometheus 2.42 does not read them');
  const pinned = matchers.filter(({ operator }) => operator === '=').map(({ label, value }) => [label, value] as const);
  reading.select({ metric: found.metric.name, pinned: Object.fromEntries(pinned) });
  return available;
}

/** The name of a selected metric; undefined where its matchers alone say what is meant. */
export function selectedName(node: SyntaxNode, { text }: Reading): string | undefined {
  const identifier = node.getChild('Identifier');
  return identifier ? text(identifier) : undefined;
}

/** The series of a metric with their labels; a histogram has three kinds. */
export function seriesOf(metric: Metric): readonly (readonly [name: string, series: KnownSeries])[] {
  const { name, type, exporter } = metric;
  const labels = exporter === 'gateway' ? [...metric.labels, RELEASE_LABEL] : metric.labels;
  if (type !== 'histogram') return [[name, { metric, labels }]];
  return [
    [`${name}_bucket`, { metric, labels: [...labels, 'le'] }],
    [`${name}_count`, { metric, labels }],
    [`${name}_sum`, { metric, labels }],
  ];
}

function valuesOf({ metric }: KnownSeries, { bounded }: Known): Readonly<Record<string, ReadonlySet<string>>> {
  return bounded.get(metric.name) ?? {};
}
