import type { CacheEntry } from './entry.ts';

/**
 * Where answers are kept: in the memory of this process, and behind it in a tier that processes share. Keys are any
 * text; outside this process they appear only as hashes. No call ever fails: a shared tier that does not answer is
 * told to the tiers' `onError`, and the memory goes on alone.
 */
export type CacheTiers = {
  /** The entry in memory, at once, also when it is no longer fresh: the caller judges that. */
  peek(key: string): CacheEntry | undefined;
  /** The entry in memory while that is fresh, else the newer of it and the shared one, in memory from then on. */
  find(key: string): Promise<CacheEntry | undefined>;
  /** The shared entry where it is newer than that in memory, else undefined; in memory from then on. */
  findNewer(key: string): Promise<CacheEntry | undefined>;
  /**
   * Keeps an entry in both tiers for so many milliseconds, a day at most. Quietly refused: an entry larger than one may
   * be, and one that was invalidated while its origin was asked (from `storedAt` less `fetchMs` on).
   */
  store(key: string, entry: CacheEntry, keepMs: number): void;
  /** Forgets an entry everywhere; the other processes are told. */
  drop(key: string): Promise<void>;
};
