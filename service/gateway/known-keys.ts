import { createHash } from 'node:crypto';
import { BoundedMap } from '../store/bounded-map.ts';
import type { Caller } from './exchange.ts';

/** Who holds a key. */
export type KeyHolder = {
  readonly owner: string;
  /** The tier whose limits hold; absent: the limits of every key. */
  readonly tier?: string;
};

/** Settings of the memory of keys. */
export type KnownKeyOptions = {
  /** Holder of the key with this SHA-256 in hexadecimal; undefined when nobody does. */
  readonly find: (hash: string) => Promise<KeyHolder | undefined>;
  /** Wall clock in milliseconds; default Date.now. */
  readonly now?: () => number;
};

/** The keys that one process has seen lately. */
export type KnownKeys = {
  /** The caller with this key, `nobody` when it is known that there is none, undefined when that is not known. */
  peek(key: string): Caller | 'nobody' | undefined;
  /** Looks a key up. All who ask for the same key at the same time share one look-up; rejects when that does. */
  find(key: string): Promise<Caller | 'nobody'>;
};

/** How long a key that was found is believed; a revoked or expired one works no longer than this. */
const FOUND_MS = 30_000;
/** How long a key that was not found is refused without a look-up; a new one works no later than this. */
const MISSED_MS = 5_000;
/** Of each kind, apart: a flood of wrong keys makes nobody forget a right one. */
const REMEMBERED = 10_000;

/** How every key begins. */
export const KEY_PREFIX = 'slu_';
const KEY = /^slu_[\w-]{43}$/;

/** A memory of keys in front of their table. */
export function createKnownKeys({ find, now = Date.now }: KnownKeyOptions): KnownKeys {
  const found = new BoundedMap<{ readonly caller: Caller; readonly until: number }>(REMEMBERED);
  const missed = new BoundedMap<number>(REMEMBERED);
  const pending = new Map<string, Promise<Caller | 'nobody'>>();
  const lookUp = async (key: string): Promise<Caller | 'nobody'> => {
    const hash = createHash('sha256').update(key).digest('hex');
    const holder = await find(hash);
    if (!holder) {
      missed.set(key, now() + MISSED_MS, 1);
      return 'nobody';
    }
    const caller: Caller = { id: `key:${hash}`, kind: 'key', ...holder };
    found.set(key, { caller, until: now() + FOUND_MS }, 1);
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
