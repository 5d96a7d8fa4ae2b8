import type { Service } from '../definition/index.ts';
import { readCredential } from '../gateway/credential.ts';
import type { Exchange, Handler } from '../gateway/exchange.ts';
import { Problem } from '../gateway/problem.ts';
import { json, type Reply } from '../gateway/reply.ts';
import { clearedSessionCookie, sessionCookie } from '../gateway/session-cookie.ts';
import { addressCaller } from '../gateway/stages/authenticate.ts';
import type { Database } from '../store/postgres.ts';
import type { LoginGuard } from './login-guard.ts';
import { requireOwner } from './owner.ts';
import type { IssuedSession, Session, Sessions } from './ports.ts';
import { isUserPassword } from './users.ts';

/** What the handlers of sessions work with. */
export type SessionHandlerOptions = {
  readonly sessions: Sessions;
  /** Whether, and how, a session is also kept in a cookie. */
  readonly cookie: Service['sessions']['cookie'];
};

/** What the log-in works with beside. */
export type LoginOptions = SessionHandlerOptions & {
  readonly database: Database;
  /** Undefined: nothing but its route's limit stands in front of it. */
  readonly guard: LoginGuard | undefined;
};

/** The most that the data of a session may have, as JSON in UTF-8. */
const MAX_DATA_BYTES = 4096;
/** What tells or changes a session concerns one caller alone. */
const NO_STORE = ['cache-control', 'no-store'] as const;

/** POST /login: a name and password for a bearer token. Never says which of the two is wrong. */
export function createLoginHandler({ database, sessions, guard, cookie }: LoginOptions): Handler {
  return async function login(exchange) {
    const { username, password } = exchange.body as { username: string; password: string };
    const succeeded = await guard?.admit(username, addressCaller(exchange).id);
    if (!(await isUserPassword(database, username, password, exchange.signal))) throw new Problem('login-failed');
    const [issued] = await Promise.all([sessions.create(username), succeeded?.()]);
    return issuedReply(issued, cookie);
  };
}

/** GET /session: whose session it is, when it ends, and its data. */
export function createReadSessionHandler({ sessions, cookie }: SessionHandlerOptions): Handler {
  return async function readSession(exchange) {
    const session = requireSession(await sessions.read(requireToken(exchange, cookie)));
    return json(200, { ...described(session), data: session.data }, NO_STORE);
  };
}

/** PATCH /session: puts the data of the body in place of the session's; its end stays. */
export function createUpdateSessionHandler({ sessions, cookie }: SessionHandlerOptions): Handler {
  return async function updateSession(exchange) {
    const token = requireToken(exchange, cookie);
    const { data } = exchange.body as { data: Record<string, string> };
    if (Buffer.byteLength(JSON.stringify(data)) > MAX_DATA_BYTES) {
      const message = `must have at most ${MAX_DATA_BYTES} bytes`;
      throw new Problem('invalid-body', { errors: [{ field: '/data', message }] });
    }
    const session = requireSession(await sessions.update(token, data));
    return json(200, { ...described(session), data }, NO_STORE);
  };
}

/** POST /session/token: a new token for the session; the one that was shown is worth nothing from here on. */
export function createRotateSessionHandler({ sessions, cookie }: SessionHandlerOptions): Handler {
  return async function rotateSession(exchange) {
    return issuedReply(requireSession(await sessions.rotate(requireToken(exchange, cookie))), cookie);
  };
}

/** DELETE /session: the token is worth nothing from here on; with `all=true` no session of the user is. */
export function createEndSessionHandler({ sessions, cookie }: SessionHandlerOptions): Handler {
  return async function endSession(exchange) {
    const token = requireToken(exchange, cookie);
    if (exchange.query.all === 'true') await sessions.endAll(requireOwner(exchange));
    await sessions.end(token);
    return { status: 204, headers: cookie === 'none' ? [] : ['set-cookie', clearedSessionCookie(cookie)], body: null };
  };
}

function issuedReply({ token, expiresAt, latestEnd }: IssuedSession, cookie: SessionHandlerOptions['cookie']): Reply {
  const answer = { token, token_type: 'Bearer', expires_at: expiresAt.toISOString() };
  const kept = cookie === 'none' ? [] : ['set-cookie', sessionCookie(token, latestEnd, cookie)];
  return json(200, answer, [...NO_STORE, ...kept]);
}

function described({ owner, expiresAt }: Session): { owner: string; expires_at: string } {
  return { owner, expires_at: expiresAt.toISOString() };
}

/** A session can end between the authentication of a request and its handler. */
function requireSession<T>(session: T | undefined): T {
  if (session !== undefined) return session;
  throw new Problem('authentication-failed', { headers: ['www-authenticate', 'Bearer'] });
}

/** The session token of a request. Throws a Problem when a key was shown instead: a key has no session. */
function requireToken({ caller, request }: Exchange, cookie: SessionHandlerOptions['cookie']): string {
  const credential = readCredential(request, cookie !== 'none');
  if (caller.kind === 'session' && typeof credential === 'object') return credential.text;
  throw new Problem('authentication-failed', {
    detail: 'This route takes the token of a session, not a key.',
    headers: ['www-authenticate', 'Bearer'],
  });
}
