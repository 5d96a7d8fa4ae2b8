import { BoundedMap } from '../../store/bounded-map.ts';
import { addressGroup } from '../address.ts';
import { readCredential, type Credential, type NoCredential } from '../credential.ts';
import type { Caller, Exchange } from '../exchange.ts';
import { createKnownKeys, KEY_PREFIX, type FindKey, type KnownKeyOptions } from '../known-keys.ts';
import { createProbeCheck, PROBE } from '../probe-caller.ts';
import { Problem } from '../problem.ts';
import type { ProblemCode } from '../problem-table.ts';
import type { Stage } from '../stage.ts';

/** Finds out who holds a key or a session token; undefined when nobody does. */
export type CredentialFinder = {
  /** Rejects with a Problem or a TimeoutError where keys cannot be asked for. */
  readonly key: FindKey;
  /** Owner of the session with this token. */
  session(token: string): Promise<string | undefined>;
};

/** Settings of the stage. */
export type AuthenticateOptions = {
  readonly credentials: CredentialFinder;
  /** Whether the cookie of a session counts; default false: cookies are not looked at. */
  readonly cookies?: boolean;
  /** By which probes are known, as `Authorization: Bearer`; absent: there are none. */
  readonly probeKey?: string | undefined;
  /**
   * Whether a credential that nobody gave out is as good as none on routes of models that need none: clients of OpenAI's
   * interface send a key always, of whatever text. Default false: it is refused.
   */
  readonly ignoresUnknown?: boolean;
  /** How long a key is believed that was found, while keys cannot be asked for; default 0: not at all. */
  readonly keysBelievedForMs?: number;
  /** Told at most once a minute that keys are believed unasked: of how many look-ups, and why. */
  readonly onKeysBelieved?: KnownKeyOptions['onBelieved'];
  /** Wall clock in milliseconds; default Date.now. */
  readonly now?: () => number;
};

/** Wrong keys that one address may show within so many milliseconds before it is kept away from the key table. */
const GUESSES = 20;
const GUESS_WINDOW_MS = 5_000;
const TRACKED_ADDRESSES = 10_000;

/**
 * Who calls: the holder of a key or session, else the client's address. What is shown and not valid, or due and not
 * shown, is refused only after the limits (`turnAway`), so that guessing keys uses up the allowance of an address.
 * Keys are remembered (see createKnownKeys); a session is looked up for each request, so that one that is ended is
 * worth nothing from that moment on.
 */
export function authenticate({
  credentials,
  cookies = false,
  probeKey,
  ignoresUnknown = false,
  keysBelievedForMs = 0,
  onKeysBelieved,
  now = Date.now,
}: AuthenticateOptions): Stage {
  const isProbe = probeKey === undefined ? undefined : createProbeCheck(probeKey);
  const keys = createKnownKeys({
    find: credentials.key,
    believedForMs: keysBelievedForMs,
    ...(onKeysBelieved && { onBelieved: onKeysBelieved }),
    now,
  });
  const guesses = countGuesses(now);
  const isIgnored = ({ route: { auth, errors } }: Exchange): boolean =>
    ignoresUnknown && errors === 'openai' && auth === 'optional';
  const settle = (exchange: Exchange, caller: Caller | 'nobody'): void => {
    if (caller !== 'nobody') exchange.caller = caller;
    else if (!isIgnored(exchange)) exchange.refusal = refuse('authentication-failed');
  };

  const byKey = (exchange: Exchange, key: string): Promise<void> | undefined => {
    const known = keys.peek(key);
    if (known !== undefined) {
      settle(exchange, known);
      return undefined;
    }
    const address = exchange.caller.id;
    const waitMs = guesses.waitMs(address);
    if (waitMs > 0) {
      exchange.refusal = new Problem('limit-exceeded', {
        detail: `${GUESSES} unknown keys came from this address within ${GUESS_WINDOW_MS / 1000} s.`,
        headers: ['retry-after', String(Math.ceil(waitMs / 1000))],
      });
      return undefined;
    }
    return unlessAborted(keys.find(key), exchange.signal).then((caller) => {
      if (caller === 'nobody') guesses.add(address);
      settle(exchange, caller);
    });
  };
  const bySession = async (exchange: Exchange, { text, from }: Credential): Promise<void> => {
    const owner = await credentials.session(text);
    // The limits of a user's sessions are one: a second log-in is no second allowance.
    if (owner !== undefined) settle(exchange, { id: `user:${owner}`, kind: 'session', owner });
    // A browser sends its cookie until it is told otherwise, also to log in again.
    else if (from !== 'cookie' || exchange.route.auth === 'required') settle(exchange, 'nobody');
  };
  return function authenticateStage(exchange) {
    exchange.caller = addressCaller(exchange);
    const credential = readCredential(exchange.request, cookies);
    if (typeof credential === 'string') {
      if (isIgnored(exchange)) return undefined;
      exchange.refusal = refusalWithout(credential, exchange.route.auth === 'required');
      return undefined;
    }
    if (isProbe !== undefined && credential.from === 'authorization' && isProbe(credential.text)) {
      settle(exchange, mayProbe(exchange) ? PROBE : 'nobody');
      return undefined;
    }
    const isKey = credential.from !== 'cookie' && credential.text.startsWith(KEY_PREFIX);
    return (isKey ? byKey(exchange, credential.text) : bySession(exchange, credential))?.then(() => undefined);
  };
}

/** Refuses a caller whom `authenticate` did not find. */
export function turnAway(exchange: Exchange): undefined {
  if (exchange.refusal) throw exchange.refusal;
}

/** The caller when nothing is shown: the client's address, an IPv6 address by its /56. */
export function addressCaller({ clientAddress, request }: Exchange): Caller {
  const address = clientAddress === '' ? (request.socket.remoteAddress ?? 'unknown') : clientAddress;
  return { id: addressGroup(address), kind: 'address' };
}

/** A probe reads what anybody may read: its key opens no account and changes nothing. A HEAD goes by its GET's route. */
function mayProbe({ route }: Exchange): boolean {
  return route.method === 'GET' && route.auth === 'optional';
}

function refusalWithout(why: NoCredential, required: boolean): Problem | undefined {
  if (why === 'malformed')
    return refuse('authentication-failed', 'The Authorization header is not of the form: Bearer TOKEN.');
  if (!required) return undefined;
  return why === 'cross-site' ? new Problem('cross-site') : refuse('authentication-required');
}

function refuse(code: ProblemCode, detail?: string): Problem {
  return new Problem(code, { ...(detail === undefined ? {} : { detail }), headers: ['www-authenticate', 'Bearer'] });
}

/** Wrong keys by address. Without it, each of a flood of different ones would cost a query before any limit counts. */
function countGuesses(now: () => number) {
  const counts = new BoundedMap<{ guesses: number; readonly until: number }>(TRACKED_ADDRESSES);
  const current = (address: string) => {
    const count = counts.get(address);
    return count !== undefined && count.until > now() ? count : undefined;
  };
  return {
    /** Milliseconds until the address may try another key; 0 when it may. */
    waitMs(address: string): number {
      const count = current(address);
      return count !== undefined && count.guesses >= GUESSES ? count.until - now() : 0;
    },
    add(address: string): void {
      const count = current(address);
      if (count) count.guesses++;
      else counts.set(address, { guesses: 1, until: now() + GUESS_WINDOW_MS }, 1);
    },
  };
}

/** A look-up is shared: one request that is over leaves it, and does not end it for the others. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
