import type { SyntaxNode } from '@lezer/common';
import { nearest } from '../../../service/definition/index.ts';
import { isMatch } from '../../../service/telemetry/matcher.ts';
import type { Reading } from './reading.ts';

/** A matcher of a selector, `lane=~"critical|background"`. */
export type Matcher = { readonly label: string; readonly operator: string; readonly value: string };

/** Values that are worth listing in a message. */
const LISTED = 20;

/** A regular expression that only lists values; of any other one match is enough. */
const LIST = /^[\w-]+(\|[\w-]+)*$/;

/** The matchers of a selector. */
export function matchersOf(selector: SyntaxNode, { text }: Reading): readonly Matcher[] {
  const nodes = selector.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
  return nodes.map((node) => {
    const [label = '', operator = '', literal = ''] = ['LabelName', 'MatchOp', 'StringLiteral'].map((kind) => {
      const part = node.getChild(kind);
      return part ? text(part) : '';
    });
    return { label, operator, value: unquoted(literal) };
  });
}

/** Reports each matcher whose text no value of its label can be: it selects nothing, or leaves out nothing. */
export function requireValues(
  name: string,
  matchers: readonly Matcher[],
  values: Readonly<Record<string, ReadonlySet<string>>>,
  { report }: Reading,
): void {
  for (const { label, operator, value } of matchers) {
    const isPattern = operator.endsWith('~');
    if (isPattern && !isRegularExpression(value)) {
      const edit = 'write a regular expression, or compare with = and !=';
      report(`matches '${name}' by ${label}${operator}"${value}", which is no regular expression`, edit);
      continue;
    }
    const known = values[label];
    // The empty text asks whether the label is there.
    if (!known || value === '') continue;
    const isList = !isPattern || LIST.test(value);
    const wanted = isPattern && isList ? value.split('|') : [value];
    for (const each of wanted.filter((one) => (isList ? !known.has(one) : !isAny(one, known)))) {
      const all = [...known];
      const hint = nearest(each, all) ?? `there are: ${all.slice(0, LISTED).join(', ')}`;
      const what = each === value ? 'which that label never is' : `of which it never is '${each}'`;
      report(`matches '${name}' by ${label}${operator}"${value}", ${what}`, `match a value that it has; ${hint}`);
    }
  }
}

function isAny(pattern: string, values: ReadonlySet<string>): boolean {
  for (const value of values) if (isMatch(`=~${pattern}`, value)) return true;
  return false;
}

function isRegularExpression(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

function unquoted(literal: string): string {
  return literal.slice(1, -1).replaceAll('\\"', '"').replaceAll('\\\\', '\\');
}
