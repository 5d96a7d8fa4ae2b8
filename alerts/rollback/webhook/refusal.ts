import type { ServerResponse } from 'node:http';

/** What is refused: status, title, and whether the same request may succeed later. */
type RefusalRow = { readonly status: number; readonly title: string; readonly retry: boolean };

/** Everything that the guard's port refuses, by its stable code. */
export const REFUSALS = {
  'malformed-body': row(400, 'The body is no notification of Alertmanager', false),
  'token-missing': row(401, 'A token is due', false),
  'token-wrong': row(401, 'The token is not valid', false),
  'source-not-allowed': row(403, 'Alerts are not taken from there', false),
  'route-not-found': row(404, 'There is no such route', false),
  'method-not-allowed': row(405, 'The route does not take this method', false),
  'body-too-slow': row(408, 'The body did not arrive in time', true),
  'body-too-large': row(413, 'The body is too large', false),
  'body-not-json': row(415, 'The body has another type', false),
  'alert-unknown': row(422, 'The alert is none that the guard acts on', false),
  'alert-label': row(422, 'A label of the alert is not one that it can have', false),
  'alert-old': row(422, 'The alert is older than the guard acts on', false),
  'alert-early': row(422, 'The alert began in the future', false),
  'inbox-full': row(503, 'As many alerts wait as may', true),
  'store-unavailable': row(503, 'The alert cannot be stored', true),
} as const satisfies Readonly<Record<string, RefusalRow>>;

/** Stable code of a refusal. */
export type RefusalCode = keyof typeof REFUSALS;

/** Thrown to refuse a request. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;

  /** `detail` says in one line what exactly is wrong, and holds nothing secret. */
  constructor(code: RefusalCode, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.code = code;
  }
}

/** Answers with a refusal as application/problem+json (RFC 9457). */
export function sendRefusal(
  response: ServerResponse,
  { code, message }: Refusal,
  headers: Readonly<Record<string, string>> = {},
): void {
  const { status, title, retry } = REFUSALS[code];
  const body = JSON.stringify({ type: `urn:sluice:problem:${code}`, title, status, code, detail: message, retry });
  response.writeHead(status, {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    ...(status === 503 && { 'retry-after': '1' }),
    ...headers,
  });
  response.end(body);
}

function row(status: number, title: string, retry: boolean): RefusalRow {
  return { status, title, retry };
}
