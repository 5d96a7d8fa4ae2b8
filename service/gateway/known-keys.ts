import { createHash } from 'node:crypto';
import { BoundedMap } from '../store/bounded-map.ts';
import type { Caller } from './exchange.ts';
import { Problem } from './problem.ts';

/** Who holds a key. */
export type KeyHolder = {
  readonly owner: string;
  /** The tier whose limits hold; absent: the limits of every key. */
  readonly tier?: string;
  /** From when on the key is worth nothing; absent: only when it is revoked. */
  readonly expiresAt?: Date;
};

/** Finds the holder of the key with this SHA-256 in hexadecimal, within so long; undefined when nobody does. */
export type FindKey = (hash: string, timeoutMs: number) => Promise<KeyHolder | undefined>;

/** Settings of the memory of keys. */
export type KnownKeyOptions = {
  /** Rejects with a Problem or a TimeoutError where the table cannot be asked. */
  readonly find: FindKey;
  /** How long a key is believed that was found, while the table cannot be asked; default 0: not at all. */
  readonly believedForMs?: number;
  /** Told that keys are believed unasked, at most once a minute: of how many look-ups since it was told last, and why. */
  readonly onBelieved?: (lookUps: number, cause: unknown) => void;
  /** Wall clock in milliseconds; default Date.now. */
  readonly now?: () => number;
};

/** The keys that one process has seen lately. */
export type KnownKeys = {
  /** The caller with this key, `nobody` when it is known that there is none, undefined when that is not known. */
  peek(key: string): Caller | 'nobody' | undefined;
  /**
   * Looks a key up. All who ask for the same key at the same time share one look-up. Rejects when that does, unless the
   * key may still be believed.
   */
  find(key: string): Promise<Caller | 'nobody'>;
};

/** How long a key that was found is believed; a revoked or expired one works no longer than this. */
const FOUND_MS = 30_000;
/** How long a key that was not found is refused without a look-up; a new one works no later than this. */
const MISSED_MS = 5_000;
/** The longest a key is looked for: one that may be believed meanwhile, and any other. */
const PATIENCE_MS = { believed: 1_000, unknown: 5_000 };
/** After which a key that is believed is looked for again: an answer that it is revoked counts no later than this. */
const ASK_AGAIN_MS = 5_000;
const TELL_AGAIN_MS = 60_000;
/** Of each kind, apart: a flood of wrong keys makes nobody forget a right one. */
const REMEMBERED = 10_000;

/** How every key begins. */
export const KEY_PREFIX = 'slu_';
const KEY = /^slu_[\w-]{43}$/;

type Found = { readonly caller: Caller; until: number; readonly believedUntil: number };

/**
 * A memory of keys in front of their table. While the table cannot be asked, a key that it knew lately is believed;
 * never one of which it says, once it answers, that it is unknown, revoked or expired.
 */
export function createKnownKeys({
  find,
  believedForMs = 0,
  onBelieved = () => undefined,
  now = Date.now,
}: KnownKeyOptions): KnownKeys {
  const found = new BoundedMap<Found>(REMEMBERED);
  const missed = new BoundedMap<number>(REMEMBERED);
  const pending = new Map<string, Promise<Caller | 'nobody'>>();
  let believed = 0;
  let toldAt = Number.NEGATIVE_INFINITY;
  const believe = (known: Found, cause: unknown): Caller => {
    const time = now();
    known.until = Math.min(time + ASK_AGAIN_MS, known.believedUntil);
    believed++;
    if (time - toldAt >= TELL_AGAIN_MS) {
      onBelieved(believed, cause);
      toldAt = time;
      believed = 0;
    }
    return known.caller;
  };
  const lookUp = async (key: string): Promise<Caller | 'nobody'> => {
    const hash = createHash('sha256').update(key).digest('hex');
    const known = found.get(key);
    const mayBelieve = (): boolean => known !== undefined && known.believedUntil > now();
    let holder;
    try {
      holder = await find(hash, mayBelieve() ? PATIENCE_MS.believed : PATIENCE_MS.unknown);
    } catch (error) {
      if (known && mayBelieve() && isUnasked(error)) return believe(known, error);
      throw error;
    }
    if (!holder) {
      found.delete(key);
      missed.set(key, now() + MISSED_MS, 1);
      return 'nobody';
    }
    const { expiresAt, ...who } = holder;
    const caller: Caller = { id: `key:${hash}`, kind: 'key', ...who };
    const time = now();
    const believedUntil = Math.min(time + believedForMs, expiresAt?.getTime() ?? Number.POSITIVE_INFINITY);
    found.set(key, { caller, until: time + FOUND_MS, believedUntil }, 1);
    return caller;
  };
  return {
    peek(key) {
      const hit = found.get(key);
      if (hit !== undefined && hit.until > now()) return hit.caller;
      const until = missed.get(key);
      if (until !== undefined && until > now()) return 'nobody';
      // No key of ours: there is nothing to look up.
      return KEY.test(key) ? undefined : 'nobody';
    },
    find(key) {
      const shared = pending.get(key);
      if (shared) return shared;
      // A part of a header would keep the whole of it in memory.
      const own = Buffer.from(key, 'latin1').toString('latin1');
      const look = lookUp(own).finally(() => pending.delete(own));
      pending.set(own, look);
      return look;
    },
  };
}

/** Whether an error says that the table gave no answer. What else it says of a statement is an answer. */
function isUnasked(error: unknown): boolean {
  return error instanceof Problem || (error instanceof DOMException && error.name === 'TimeoutError');
}
