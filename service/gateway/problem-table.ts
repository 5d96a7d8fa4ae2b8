/** What the gateway refuses or fails with: status, title, whether the same request may succeed later, what to do. */
type ProblemRow = {
  readonly status: number;
  readonly title: string;
  readonly retry: boolean;
  readonly action: string;
};

/** Every problem that an answer can carry, by its stable code. */
export const PROBLEMS = {
  'payment-declined': row(402, 'The payment was declined', false, 'Use another means of payment.'),
  'malformed-request': row(400, 'The request is malformed', false, 'Correct the request line or headers.'),
  'malformed-json': row(400, 'The body is not JSON', false, 'Send a JSON body in UTF-8.'),
  'invalid-query': row(400, 'The query is not valid', false, 'Correct the parameters that errors names.'),
  'authentication-required': row(
    401,
    'A key or session is due',
    false,
    'Send Authorization: Bearer with a key or a session token.',
  ),
  'authentication-failed': row(
    401,
    'The key or session is not valid',
    false,
    'Log in again, or use a key that is not revoked.',
  ),
  'login-failed': row(401, 'User name or password is wrong', false, 'Correct the user name or the password.'),
  'cross-site': row(
    403,
    'The cookie of a session came from another site',
    false,
    'Send it from a page of this origin, or send Authorization: Bearer with the token.',
  ),
  'route-not-found': row(404, 'There is no such route', false, 'See the routes in the README.'),
  'order-not-found': row(
    404,
    'There is no such order',
    false,
    'Check the order number; only its owner can read an order.',
  ),
  'method-not-allowed': row(405, 'The route does not take this method', false, 'Use a method that Allow names.'),
  'payment-conflict': row(
    409,
    'The order has another payment',
    false,
    'Pay an order once; send a pending payment again with its own Idempotency-Key.',
  ),
  'request-timeout': row(
    408,
    'The request did not arrive in time',
    true,
    'Send the whole request without long pauses.',
  ),
  'body-too-large': row(413, 'The body is too large', false, 'Send a smaller body.'),
  'target-too-long': row(414, 'The request target is too long', false, 'Send a shorter path or query.'),
  'unsupported-media-type': row(415, 'The body has another type', false, 'Send Content-Type: application/json.'),
  'invalid-body': row(422, 'The body does not fit the schema', false, 'Correct the fields that errors names.'),
  'context-too-long': row(
    400,
    'The question and its answer are longer than the model takes',
    false,
    'Send a shorter question, or ask for a shorter answer.',
  ),
  'model-not-found': row(404, 'Nobody answers for this model', false, 'Use a model of GET /v1/models.'),
  'budget-exceeded': row(429, 'The budget of the month is spent', false, 'Wait for the next month, or have it raised.'),
  'limit-exceeded': row(429, 'Too many requests', true, 'Wait for the seconds of Retry-After.'),
  'header-too-large': row(431, 'The headers are too large', false, 'Send fewer or shorter headers.'),
  'expectation-failed': row(417, 'The expectation cannot be met', false, 'Send no Expect other than 100-continue.'),
  'internal-error': row(500, 'The gateway failed', true, 'Retry; if it stays, report the request id.'),
  'not-implemented': row(501, 'The method is not known', false, 'Use a method of HTTP that the route takes.'),
  'upstream-failed': row(502, 'The upstream failed', true, 'Retry after a pause.'),
  'store-unavailable': row(503, 'A datastore does not answer', true, 'Retry after a pause.'),
  'upstream-unavailable': row(503, 'The upstream is being left alone', true, 'Wait for the seconds of Retry-After.'),
  'limits-unavailable': row(503, 'The limits cannot be checked', true, 'Retry after a pause.'),
  overloaded: row(503, 'The gateway has too much to do', true, 'Wait for the seconds of Retry-After.'),
  draining: row(503, 'This instance is shutting down', true, 'Retry; another instance answers.'),
  'not-kept': row(504, 'Nothing that can be given is kept', false, 'Ask without only-if-cached.'),
  'deadline-exceeded': row(504, 'The answer took too long', true, 'Retry after a pause.'),
} as const satisfies Readonly<Record<string, ProblemRow>>;

/** Stable code of a problem. */
export type ProblemCode = keyof typeof PROBLEMS;

/** Details of one occurrence of a problem. */
export type ProblemDetails = {
  /** What exactly was wrong this time. */
  readonly detail?: string;
  /** Single wrong fields: a JSON pointer or parameter name, and what is wrong with it. */
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
  /** Further headers, flat: name, value, name, value. */
  readonly headers?: readonly string[];
  readonly cause?: unknown;
};

function row(status: number, title: string, retry: boolean, action: string): ProblemRow {
  return { status, title, retry, action };
}
