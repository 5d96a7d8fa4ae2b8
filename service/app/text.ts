import { Problem } from '../gateway/problem.ts';
import type { ProblemCode } from '../gateway/problem-table.ts';

/** Whether Postgres keeps a text as it is: it has no place for U+0000 and for halves of surrogate pairs. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** Throws a Problem that names the field when Postgres could not keep its text. */
export function requireStorable(field: string, text: string, code: ProblemCode = 'invalid-body'): void {
  if (isStorable(text)) return;
  throw new Problem(code, { errors: [{ field, message: 'must not contain U+0000 or unpaired surrogates' }] });
}
