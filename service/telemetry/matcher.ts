/** Labels and what they must be: a value, or one behind an operator of PromQL, such as `!~health|docs`. */
export type Matchers = Readonly<Record<string, string>>;

/** How a label's value is compared. */
export type MatchOperator = '=' | '!=' | '=~' | '!~';

/** The operator and the text of a matcher; one without an operator asks for equality. */
export function parseMatcher(value: string): { readonly operator: MatchOperator; readonly text: string } {
  const [, operator = '=', text = value] = /^(=~|!=|!~|=)(.*)$/s.exec(value) ?? [];
  return { operator: operator as MatchOperator, text };
}

/** Matchers in PromQL, `{label="value"}`; empty where there are none. A label that several name must match them all. */
export function matchersText(...matchers: readonly Matchers[]): string {
  const inner = matchers
    .flatMap((each) => Object.entries(each))
    .map(([label, value]) => {
      const { operator, text } = parseMatcher(value);
      return `${label}${operator}"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
    });
  return inner.length > 0 ? `{${inner.join(',')}}` : '';
}

/** Whether a label's value matches; a label that is absent has the empty value. Patterns match as a whole. */
export function isMatch(matcher: string, value: string): boolean {
  const { operator, text } = parseMatcher(matcher);
  const holds = operator.endsWith('~') ? new RegExp(`^(?:${text})$`, 's').test(value) : text === value;
  return operator.startsWith('!') ? !holds : holds;
}
