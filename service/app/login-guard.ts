import { createHash, randomBytes } from 'node:crypto';
import { Problem } from '../gateway/problem.ts';
import { waitMs, windowPolicy, type LimitPolicy, type LimitStore } from '../limit/index.ts';
import type { KeyValueStore } from '../store/key-value.ts';

/** Settings of the guard. */
export type LoginGuardOptions = {
  /** Where attempts are counted. */
  readonly limits: Pick<LimitStore, 'take'>;
  /** Where it is kept which user has logged in from where. */
  readonly values: Pick<KeyValueStore, 'get' | 'set'>;
};

/** Stands in front of a password's check. */
export type LoginGuard = {
  /**
   * Charges one attempt of a user from a place: an address or its group. Rejects with the Problem `limit-exceeded` when
   * there were too many, whether the user exists or not; with `limits-unavailable`, or as the store of values does,
   * when it cannot be told. What it gives is to be called when the password was right.
   */
  admit(username: string, place: string): Promise<() => Promise<void>>;
};

/** Without a count there is no guard: while the store does not answer nobody guesses. */
const options = { whenStoreDown: 'closed' } as const;
/** Attempts of one user from one place, counted anew after each success: 10 in 15 minutes. */
const FROM_PLACE = windowPolicy('login-place', 10, 15 * 60_000, options);
/** Attempts of one user from all places that the user has not logged in from lately: 50 in an hour. */
const FROM_STRANGERS = windowPolicy('login-strangers', 50, 60 * 60_000, options);
/** How long a place counts as one of the user's after a log-in. */
const KNOWN_FOR_MS = 30 * 86_400_000;

/**
 * Slows down guessing the password of one account from many addresses, without letting strangers lock its user out.
 * The limit on strangers does not hold for places that the user has logged in from: however many try elsewhere, from
 * the usual places the user is held by nothing but what was tried there. From a new place the user has to wait while
 * an attack goes on, and until the window has room; no account is ever closed.
 * Attempts are charged before the password is looked at, so that many at once are not let through together.
 */
export function createLoginGuard({ limits, values }: LoginGuardOptions): LoginGuard {
  const charge = async (key: string, policy: LimitPolicy): Promise<void> => {
    const verdict = await limits.take(key, [policy]);
    if (verdict.allowed) return;
    if (verdict.unavailable) throw new Problem('limits-unavailable');
    const seconds = Math.max(1, Math.ceil(waitMs(verdict) / 1000));
    throw new Problem('limit-exceeded', {
      detail: `There were too many attempts to log in as this user; try again in ${seconds} s.`,
      headers: ['retry-after', String(seconds)],
    });
  };
  return {
    async admit(username, place) {
      const pair = digest(`${place} ${username}`);
      const key = `login:${pair}`;
      const lastSuccess = (await values.get(key))?.toString();
      await charge(`${pair}${lastSuccess ?? ''}`, FROM_PLACE);
      if (lastSuccess === undefined) await charge(digest(username), FROM_STRANGERS);
      // With another mark of the last success the attempts are counted under another key: anew.
      return () => values.set(key, Buffer.from(randomBytes(6).toString('base64url')), KNOWN_FOR_MS);
    },
  };
}

/** Names of users stand in no store in clear, and a long one costs no more than a short one. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 24);
}
