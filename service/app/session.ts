import type { Exchange, Handler } from '../gateway/exchange.ts';
import { Problem } from '../gateway/problem.ts';
import { json } from '../gateway/reply.ts';
import type { Database } from '../store/postgres.ts';
import type { Sessions } from './ports.ts';
import { isUserPassword } from './users.ts';

/** POST /login: a name and password for a bearer token. Never says which of the two is wrong. */
export function createLoginHandler(database: Database, sessions: Sessions): Handler {
  return async function login({ body, signal }) {
    const { username, password } = body as { username: string; password: string };
    if (!(await isUserPassword(database, username, password, signal))) throw new Problem('login-failed');
    const { token, expiresAt } = await sessions.create(username);
    const answer = { token, token_type: 'Bearer', expires_at: expiresAt.toISOString() };
    return json(200, answer, ['cache-control', 'no-store']);
  };
}

/** GET /session: whose session it is and when it ends. */
export function createReadSessionHandler(sessions: Sessions): Handler {
  return async function readSession(exchange) {
    const session = await sessions.find(requireToken(exchange));
    // It can end between the authentication of a request and here.
    if (!session) throw new Problem('authentication-failed', { headers: ['www-authenticate', 'Bearer'] });
    const answer = { owner: session.owner, expires_at: session.expiresAt.toISOString() };
    return json(200, answer, ['cache-control', 'no-store']);
  };
}

/** DELETE /session: the token is worth nothing from here on. */
export function createEndSessionHandler(sessions: Sessions): Handler {
  return async function endSession(exchange) {
    await sessions.end(requireToken(exchange));
    return { status: 204, headers: [], body: null };
  };
}

/** The session token of a request. Throws a Problem when a key was shown instead: a key has no session. */
function requireToken({ caller, request }: Exchange): string {
  const { authorization, 'x-api-key': header } = request.headers;
  const token =
    /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? (authorization === undefined ? header : undefined);
  if (caller.kind === 'session' && typeof token === 'string') return token;
  throw new Problem('authentication-failed', {
    detail: 'This route takes the token of a session, not a key.',
    headers: ['www-authenticate', 'Bearer'],
  });
}
