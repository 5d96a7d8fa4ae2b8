import type { SyntaxNode } from '@lezer/common';
import { nearest } from '../../../service/definition/index.ts';
import type { Metric } from '../../../service/telemetry/catalogue.ts';
import { requireValues } from './matched-values.ts';
import { requireLabels, type Labels, type Reading } from './reading.ts';

/** Labels that the scrape adds to every series. */
const TARGET_LABELS = ['job', 'instance', 'namespace', 'pod'] as const;

/** Of a gateway's pods also the release that each belongs to, so that rules can compare two. */
const RELEASE_LABEL = 'pod_template_hash';

/** The labels of a selected metric, `up{job="gateway"}`. */
export function selectedLabels(node: SyntaxNode, reading: Reading): Labels {
  const nodes = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
  const matchers = nodes.map((matcher) => reading.text(matcher.firstChild ?? matcher));
  const identifier = node.getChild('Identifier');
  if (!identifier) {
    reading.report(`selects series without naming a metric: ${reading.text(node)}`, 'put the metric before the braces');
    return new Set(matchers);
  }
  const name = reading.text(identifier);
  const labels = reading.series.get(name);
  const exporter = reading.unscraped.get(name);
  if (exporter !== undefined) {
    reading.report(
      `names the metric '${name}' of ${exporter}, which this environment does not run`,
      `name ${exporter} among the exporters of its row, so that it is left out where nothing would fill it`,
    );
    return new Set([...TARGET_LABELS, ...matchers]);
  }
  if (!labels) {
    const hint = nearest(name, [...reading.series.keys()]) ?? 'or add it to service/telemetry/catalogue.ts';
    reading.report(`names the metric '${name}', which nobody exports`, `name a metric of the catalogue; ${hint}`);
    return new Set([...TARGET_LABELS, ...matchers]);
  }
  // What a rule recorded has the labels that the rule left, and no target.
  const available = new Set(name.includes(':') ? labels : [...labels, ...TARGET_LABELS]);
  requireLabels(matchers, available, `matches '${name}' by`, reading);
  requireValues(name, nodes, reading);
  return available;
}

/** The series of a metric with their labels; a histogram has three kinds. */
export function seriesOf({ name, type, labels: own, exporter }: Metric): [string, readonly string[]][] {
  const labels = exporter === 'gateway' ? [...own, RELEASE_LABEL] : own;
  if (type !== 'histogram') return [[name, labels]];
  return [
    [`${name}_bucket`, [...labels, 'le']],
    [`${name}_count`, labels],
    [`${name}_sum`, labels],
  ];
}
