import { PROBLEMS, type ProblemCode, type ProblemDetails } from './problem-table.ts';
import type { Reply } from './reply.ts';

/** How a problem is told in the shape that clients of OpenAI's interface read; they choose their error by the status. */
type ErrorRow = {
  readonly type: 'authentication_error' | 'invalid_request_error' | 'rate_limit_error' | 'server_error';
  readonly code: string;
  /** Default: that of the problem. */
  readonly status?: number;
};

const invalid = (code: string, status?: number): ErrorRow => ({
  type: 'invalid_request_error',
  code,
  ...(status !== undefined && { status }),
});
const server = (code: string): ErrorRow => ({ type: 'server_error', code });

/** Every problem that a route of models can answer with; the others are told by their own code. */
const ROWS: Readonly<Partial<Record<ProblemCode, ErrorRow>>> = {
  'malformed-request': invalid('invalid_request'),
  'malformed-json': invalid('invalid_json'),
  // Theirs is 400 for whatever is wrong with a body.
  'invalid-body': invalid('invalid_value', 400),
  'invalid-query': invalid('invalid_value'),
  'unsupported-media-type': invalid('unsupported_media_type', 400),
  'body-too-large': invalid('request_too_large'),
  'context-too-long': invalid('context_length_exceeded'),
  'model-not-found': invalid('model_not_found'),
  'authentication-required': { type: 'authentication_error', code: 'missing_api_key' },
  'authentication-failed': { type: 'authentication_error', code: 'invalid_api_key' },
  'limit-exceeded': { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  // Not to be tried again, as a client does with a rate limit: the month must end, or the budget grow.
  'budget-exceeded': { type: 'rate_limit_error', code: 'insufficient_quota' },
  'internal-error': server('internal_error'),
  'upstream-failed': server('upstream_error'),
  'upstream-unavailable': server('upstream_unavailable'),
  'limits-unavailable': server('limits_unavailable'),
  'deadline-exceeded': server('timeout'),
  overloaded: server('overloaded'),
  draining: server('draining'),
};

/** A problem's answer in the shape of OpenAI's errors; any other answer as it is. */
export function inOpenaiShape(reply: Reply): Reply {
  const { problem } = reply;
  if (!problem) return reply;
  const { code, details } = problem;
  const { type, code: told, status } = ROWS[code] ?? fallback(code);
  const { title, action, retry } = PROBLEMS[code];
  const [first] = details.errors ?? [];
  const error = {
    message: messageOf(details, title, action),
    type,
    param: first ? paramOf(first.field) : null,
    code: told,
  };
  const headers = withoutType(reply.headers);
  return {
    ...reply,
    status: status ?? reply.status,
    // Their clients try a 429 and every status from 500 on again, unless they are told not to.
    headers: ['content-type', 'application/json', ...headers, ...(retry ? [] : ['x-should-retry', 'false'])],
    body: JSON.stringify({ error }),
  };
}

function fallback(code: ProblemCode): ErrorRow {
  const type = PROBLEMS[code].status >= 500 ? 'server_error' : 'invalid_request_error';
  return { type, code: code.replaceAll('-', '_') };
}

function messageOf({ detail, errors = [] }: ProblemDetails, title: string, action: string): string {
  const wrong = errors.map(({ field, message }) => `${paramOf(field)} ${message}`).join('; ');
  return [detail ?? `${title}.`, wrong === '' ? '' : `${wrong}.`, action].filter((part) => part !== '').join(' ');
}

/** A JSON pointer as these clients write it: `/messages/0/role` is `messages[0].role`. */
function paramOf(pointer: string): string {
  const parts = pointer.split('/').slice(1);
  if (parts.length === 0 || parts[0] === '') return 'body';
  return parts.map((part, place) => (/^\d+$/.test(part) ? `[${part}]` : place === 0 ? part : `.${part}`)).join('');
}

function withoutType(headers: readonly string[]): readonly string[] {
  return headers.filter((_, place, all) => all[place - (place % 2)] !== 'content-type');
}
