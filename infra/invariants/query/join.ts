import type { SyntaxNode } from '@lezer/common';
import { listedLabels, requireLabels, type Labels, type Reading } from './reading.ts';

type Modifier = {
  readonly kind: 'on' | 'ignoring';
  readonly labels: readonly string[];
  /** The side that many series of are matched with one of the other. */
  readonly many: 'left' | 'right' | undefined;
  readonly included: readonly string[];
};

/** The labels of two sides put together, `a / on (lane) b`; a number on one side leaves the labels of the other. */
export function joinedLabels(node: SyntaxNode, reading: Reading): Labels {
  const left = node.firstChild ? reading.labelsOf(node.firstChild) : undefined;
  const right = node.lastChild ? reading.labelsOf(node.lastChild) : undefined;
  if (!left || !right) return left ?? right;
  if (node.getChild('Or')) return new Set([...left, ...right]);
  const modifier = readModifier(node, reading);
  requireMatch(left, right, modifier, reading, reading.text(node));
  if (node.getChild('And') || node.getChild('Unless') || !modifier) return left;
  if (modifier.many) {
    requireLabels(modifier.included, modifier.many === 'left' ? right : left, 'takes over', reading);
    return new Set([...(modifier.many === 'left' ? left : right), ...modifier.included]);
  }
  if (modifier.kind === 'on') return new Set(modifier.labels);
  return new Set([...left].filter((label) => !modifier.labels.includes(label)));
}

function readModifier(node: SyntaxNode, reading: Reading): Modifier | undefined {
  const clause = node.getChild('MatchingModifierClause');
  if (!clause) return undefined;
  const [matched, included] = clause.getChildren('GroupingLabels');
  return {
    kind: clause.getChild('On') ? 'on' : 'ignoring',
    labels: listedLabels(matched ?? null, reading),
    many: clause.getChild('GroupLeft') ? 'left' : clause.getChild('GroupRight') ? 'right' : undefined,
    included: listedLabels(included ?? null, reading),
  };
}

/** Series match only when they agree in every compared label; one that a side lacks makes the result empty. */
function requireMatch(
  left: ReadonlySet<string>,
  right: ReadonlySet<string>,
  modifier: Modifier | undefined,
  reading: Reading,
  expression: string,
): void {
  if (modifier?.kind === 'on') {
    requireLabels(modifier.labels, left, 'matches its left side on', reading);
    requireLabels(modifier.labels, right, 'matches its right side on', reading);
    return;
  }
  const compared = [...left, ...right].filter(
    (label) => left.has(label) !== right.has(label) && !modifier?.labels.includes(label),
  );
  if (compared.length === 0) return;
  reading.report(
    `compares series that never match, since only one side has ${compared.sort().join(', ')}: ${expression}`,
    'aggregate both sides by the same labels, or say on (...)',
  );
}
