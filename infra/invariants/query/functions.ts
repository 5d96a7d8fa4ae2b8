import type { SyntaxNode } from '@lezer/common';
import { listedLabels, requireLabels, textArguments, type Labels, type Reading } from './reading.ts';

/** The labels that an aggregation leaves, `sum by (route) (...)`. */
export function aggregatedLabels(node: SyntaxNode, reading: Reading): Labels {
  const operator = reading.text(node.getChild('AggregateOp') ?? node);
  const body = node.getChild('FunctionCallBody');
  const inner = (body && reading.labelsOf(body)) ?? new Set<string>();
  const modifier = node.getChild('AggregateModifier');
  const listed = listedLabels(modifier?.getChild('GroupingLabels') ?? null, reading);
  requireLabels(listed, inner, `groups ${operator} by`, reading);
  if (/^(topk|bottomk|limitk|limit_ratio)$/.test(operator)) return inner;
  if (modifier?.getChild('Without')) return new Set([...inner].filter((label) => !listed.includes(label)));
  const counted = operator === 'count_values' && body ? textArguments(body, reading).slice(0, 1) : [];
  return new Set([...listed, ...counted]);
}

/** The labels that a function leaves, `histogram_quantile(0.99, ...)`. */
export function computedLabels(node: SyntaxNode, reading: Reading): Labels {
  const name = reading.text(node.getChild('FunctionIdentifier') ?? node);
  const body = node.getChild('FunctionCallBody');
  const inner = body ? reading.labelsOf(body) : undefined;
  if (name === 'scalar') return undefined;
  if (name === 'vector') return new Set();
  if (name.startsWith('absent')) return new Set(body ? equalLabels(body, reading) : []);
  if (name === 'histogram_quantile') {
    requireLabels(['le'], inner, 'takes histogram_quantile over', reading);
    return new Set([...(inner ?? [])].filter((label) => label !== 'le'));
  }
  if (body && inner && /^label_(replace|join)$/.test(name)) {
    return new Set([...inner, ...textArguments(body, reading).slice(0, 1)]);
  }
  return inner;
}

/** Labels that a selector pins to one value: all that the engine can know of a series that is not there. */
function equalLabels(body: SyntaxNode, reading: Reading): string[] {
  const labels: string[] = [];
  body.cursor().iterate(({ node, name }) => {
    if (name === 'UnquotedLabelMatcher' && node.getChild('MatchOp')?.getChild('EqlSingle')) {
      labels.push(...listedLabels(node, reading));
    }
  });
  return labels;
}
