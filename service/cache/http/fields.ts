/** Header fields of a request by lower-case name, as node:http gives them. */
export type RequestFields = Readonly<Record<string, string | readonly string[] | undefined>>;

const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;

/** Whether a text can be the name of a header field (RFC 9110, section 5.6.2). */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** A field's value in a flat list (name, value, name, value), several lines joined by commas (RFC 9110, section 5.3). */
export function fieldValue(fields: readonly string[], name: string): string | undefined {
  let joined: string | undefined;
  for (let index = 0; index < fields.length; index += 2) {
    if (fields[index] !== name) continue;
    const value = fields[index + 1] ?? '';
    joined = joined === undefined ? value : `${joined}, ${value}`;
  }
  return joined;
}

/** A field's value in a request, several lines joined by commas. */
export function requestValue(fields: RequestFields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'object' ? value.join(', ') : value;
}

/** A flat list without the fields that the test names. */
export function withoutFields(fields: readonly string[], isDropped: (name: string) => boolean): string[] {
  const kept: string[] = [];
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] ?? '';
    if (!isDropped(name)) kept.push(name, fields[index + 1] ?? '');
  }
  return kept;
}

/**
 * The members of a comma-separated list, trimmed, none of them empty (RFC 9110, section 5.6.1); a comma within quotes
 * separates nothing. Undefined when a quote is never closed: nobody can say then where a member ends.
 */
export function listMembers(value: string): readonly string[] | undefined {
  const members: string[] = [];
  let start = 0;
  let quoted = false;
  for (let index = 0; index < value.length; index++) {
    const character = value[index];
    if (character === '"') quoted = !quoted;
    else if (character === '\\' && quoted) index++;
    else if (character === ',' && !quoted) {
      members.push(value.slice(start, index).trim());
      start = index + 1;
    }
  }
  members.push(value.slice(start).trim());
  return quoted ? undefined : members.filter((member) => member !== '');
}
