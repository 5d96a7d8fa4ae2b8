import { PROBLEMS, type ProblemCode, type ProblemDetails } from './problem-table.ts';
import type { Reply } from './reply.ts';

/** Thrown by a stage or handler to answer with a problem; translated to HTTP in one place. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly details: ProblemDetails;

  constructor(code: ProblemCode, details: ProblemDetails = {}) {
    super(details.detail ?? PROBLEMS[code].title, { cause: details.cause });
    this.code = code;
    this.details = details;
  }
}

/** The problem as an answer of type application/problem+json (RFC 9457); one of 503 always says when to come again. */
export function problemReply(code: ProblemCode, details: ProblemDetails = {}): Reply & { readonly body: string } {
  const { status, title, retry, action } = PROBLEMS[code];
  const { detail, errors, headers = [] } = details;
  // What is not there now is worth another try: where nobody knows better, in a moment.
  const again = status === 503 && !headers.includes('retry-after') ? ['retry-after', '1'] : [];
  const body = JSON.stringify({
    type: `urn:sluice:problem:${code}`,
    title,
    status,
    code,
    detail,
    errors,
    retry,
    action,
  });
  return {
    status,
    headers: ['content-type', 'application/problem+json', ...headers, ...again],
    body,
    problem: { code, details },
  };
}
