import { createHash } from 'node:crypto';
import { Problem, type ProblemCode } from '../problem.ts';
import type { Caller, Exchange } from '../exchange.ts';
import type { Stage } from '../stage.ts';

/** Finds out who holds a key or a session token; undefined when nobody does. */
export type CredentialFinder = {
  /** Owner of the key with this SHA-256 in hexadecimal. */
  key(hash: string): Promise<string | undefined>;
  /** Owner of the session with this token. */
  session(token: string): Promise<string | undefined>;
};

/** Settings of the stage. */
export type AuthenticateOptions = {
  readonly credentials: CredentialFinder;
  /** Wall clock in milliseconds; default Date.now. */
  readonly now?: () => number;
};

/** How long a key that was found is believed; a revoked key works no longer than this. */
const KEY_LIFETIME_MS = 30_000;
/** Keys remembered at once. */
const MAX_REMEMBERED = 10_000;
/** How every key of ours begins; anything else that is shown is looked up as a session. */
const KEY_PREFIX = 'slu_';

/**
 * Who calls: the holder of a key or session, else the client's address. What is shown and not valid, or due and not
 * shown, is refused only after the limits (`turnAway`), so that guessing keys uses up the allowance of an address.
 */
export function authenticate({ credentials, now = Date.now }: AuthenticateOptions): Stage {
  const known = new Map<string, { caller: Caller; until: number }>();
  const remember = (shown: string, caller: Caller): void => {
    if (known.size >= MAX_REMEMBERED) known.clear();
    known.set(shown, { caller, until: now() + KEY_LIFETIME_MS });
  };
  const findCaller = async (shown: string): Promise<Caller | undefined> => {
    const hash = createHash('sha256').update(shown).digest('hex');
    const isKey = shown.startsWith(KEY_PREFIX);
    const owner = isKey ? await credentials.key(hash) : await credentials.session(shown);
    if (owner === undefined) return undefined;
    // The limits of a user's sessions are one: a second log-in is no second allowance.
    const caller: Caller = isKey
      ? { id: `key:${hash}`, kind: 'key', owner }
      : { id: `user:${owner}`, kind: 'session', owner };
    if (isKey) remember(shown, caller);
    return caller;
  };
  return function authenticateStage(exchange) {
    exchange.caller = addressCaller(exchange);
    const { authorization, 'x-api-key': key } = exchange.request.headers;
    if (authorization === undefined && key === undefined) {
      if (exchange.route.auth === 'required') exchange.refusal = refuse('authentication-required');
      return undefined;
    }
    const shown = authorization === undefined ? String(key) : bearerToken(authorization);
    if (shown === undefined) {
      exchange.refusal = refuse('authentication-failed', 'The Authorization header is not of the form: Bearer TOKEN.');
      return undefined;
    }
    const remembered = known.get(shown);
    if (remembered && remembered.until > now()) {
      exchange.caller = remembered.caller;
      return undefined;
    }
    known.delete(shown);
    return findCaller(shown).then((caller) => {
      if (caller) exchange.caller = caller;
      else exchange.refusal = refuse('authentication-failed');
      return undefined;
    });
  };
}

/** Refuses a caller whom `authenticate` did not find. */
export function turnAway(exchange: Exchange): undefined {
  if (exchange.refusal) throw exchange.refusal;
}

/** The caller when nothing is shown. */
export function addressCaller(exchange: Exchange): Caller {
  return { id: exchange.request.socket.remoteAddress ?? 'unknown', kind: 'address' };
}

function refuse(code: ProblemCode, detail?: string): Problem {
  return new Problem(code, { ...(detail === undefined ? {} : { detail }), headers: ['www-authenticate', 'Bearer'] });
}

function bearerToken(authorization: string): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
}
