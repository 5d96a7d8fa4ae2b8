/**
 * The statements of SQL text without comments, and with nothing between quotes, so that words in them are none of SQL.
 */
export function statementsOf(sql: string): readonly string[] {
  return sql
    .replaceAll(QUOTED_OR_COMMENT, (found) => (/^(--|\/\*)/.test(found) ? ' ' : emptied(found)))
    .split(';')
    .map((statement) => statement.replaceAll(/\s+/g, ' ').trim())
    .filter((statement) => statement !== '');
}

/** The parts of a statement between commas that stand in no parentheses: the actions of an ALTER TABLE. */
export function partsOf(statement: string): readonly string[] {
  const parts = [''];
  let depth = 0;
  for (const character of statement) {
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (character === ',' && depth === 0) parts.push('');
    else parts.push((parts.pop() ?? '') + character);
  }
  return parts.map((part) => part.trim());
}

const QUOTED_OR_COMMENT = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|\$(\w*)\$[\s\S]*?\$\1\$/g;

function emptied(quoted: string): string {
  return quoted.startsWith("'") ? "''" : '$$$$';
}
