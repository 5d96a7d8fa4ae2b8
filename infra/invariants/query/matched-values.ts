import type { SyntaxNode } from '@lezer/common';
import { nearest } from '../../../service/definition/index.ts';
import { isMatch } from '../../../service/telemetry/matcher.ts';
import type { Reading } from './reading.ts';

/** Values that are worth listing in a message. */
const LISTED = 20;

/** Reports each matcher whose text no value of its label can be: it selects nothing, or leaves out nothing. */
export function requireValues(name: string, matchers: readonly SyntaxNode[], { text, bounded, report }: Reading): void {
  for (const matcher of matchers) {
    const [label, operator, literal] = ['LabelName', 'MatchOp', 'StringLiteral'].map((kind) => {
      const node = matcher.getChild(kind);
      return node ? text(node) : '';
    });
    const values = bounded.get(name)?.[label ?? ''];
    const wanted = unquoted(literal ?? '');
    // The empty text asks whether the label is there.
    if (!values || wanted === '') continue;
    const positive = `${operator?.endsWith('~') ? '=~' : '='}${wanted}`;
    if ([...values].some((value) => isMatch(positive, value))) continue;
    const known = [...values];
    const hint = nearest(wanted, known) ?? `there are: ${known.slice(0, LISTED).join(', ')}`;
    report(
      `matches '${name}' by ${label ?? ''}${operator ?? ''}"${wanted}", which that label never is`,
      `match a value that it has; ${hint}`,
    );
  }
}

function unquoted(literal: string): string {
  return literal.slice(1, -1).replaceAll('\\"', '"').replaceAll('\\\\', '\\');
}
