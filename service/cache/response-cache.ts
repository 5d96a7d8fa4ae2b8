import { BoundedMap } from '../store/bounded-map.ts';
import { decodeEntry, encodeEntry, type CacheEntry } from './entry.ts';
import { hashedKey } from './hashed-key.ts';
import { Journal } from './journal.ts';
import type { Mark, SharedTier } from './shared-tier.ts';
import type { CacheTiers } from './tiers.ts';

/** Settings of a response cache. */
export type ResponseCacheOptions = {
  /** The tier behind this process's memory. */
  readonly shared: SharedTier;
  /** Bytes that this process keeps; the least recently used goes first. */
  readonly maxBytes: number;
  /** Bytes of one answer's body and headers; a larger one is not kept. Default: maxBytes. */
  readonly maxEntryBytes?: number;
  /** The longest an answer that was invalidated elsewhere is still given when no message about it came; default 30 s. */
  readonly maxStalenessMs?: number;
  /** Parts this cache from others in the same shared tier; default `cache:`. */
  readonly namespace?: string;
  /** Told of what happens beside look-ups, once for each answer. */
  readonly onEvent?: (event: 'stored' | 'evicted' | 'invalidated') => void;
  /** Told of a failed call of the shared tier; the request goes on without it. */
  readonly onError: (error: unknown) => void;
  /** Wall clock in milliseconds; default Date.now. */
  readonly now?: () => number;
};

/** An answer to keep, for so many milliseconds. */
export type Stored = { readonly key: string; readonly entry: CacheEntry; readonly keepMs: number };

/** What is to be forgotten. */
export type Invalidation = {
  readonly tags?: readonly string[];
  /** Beginnings of keys. */
  readonly prefixes?: readonly string[];
  readonly everything?: boolean;
};

type Kept = {
  readonly key: string;
  readonly hash: string;
  readonly tags: readonly string[];
  readonly entry: CacheEntry;
  readonly keepUntil: number;
  readonly stamp: number;
  readonly fetchedAt: number | undefined;
  /** The journal's revision that this was last held against. */
  revision: number;
};

/** The longest that anything is kept: the journal of what was invalidated reaches no further back. */
const MAX_KEEP_MS = 86_400_000;
const ENTRY_OVERHEAD = 500;
const NO_TAGS: readonly string[] = Object.freeze([]);

/**
 * Answers by key in two tiers. What one process invalidates, the others hear of by message; a process that heard
 * nothing, not even on asking the shared tier, gives only what it fetched itself within `maxStalenessMs`.
 */
export class ResponseCache implements CacheTiers {
  readonly #memory: BoundedMap<Kept>;
  readonly #journal: Journal;
  readonly #options: Required<ResponseCacheOptions>;

  constructor(options: ResponseCacheOptions) {
    this.#options = {
      maxEntryBytes: options.maxBytes,
      maxStalenessMs: 30_000,
      namespace: 'cache:',
      onEvent: () => undefined,
      now: Date.now,
      ...options,
    };
    const { shared, maxBytes, maxStalenessMs, onEvent, onError, now } = this.#options;
    this.#memory = new BoundedMap(maxBytes, () => onEvent('evicted'));
    const onLoss = (): void => this.#forget(() => true);
    this.#journal = new Journal({ store: shared.journal, maxStalenessMs, onLoss, onError, now });
    shared.listen((message) => this.#journal.hear(message));
  }

  /** Entries and bytes in the memory of this process. */
  get stats(): { readonly entries: number; readonly bytes: number } {
    return { entries: this.#memory.size, bytes: this.#memory.weight };
  }

  /** Asks the shared tier for missed invalidations now and three times in `maxStalenessMs`, until the answer is called. */
  start(): () => void {
    void this.#journal.sync();
    const timer = setInterval(() => void this.#journal.sync(), this.#options.maxStalenessMs / 3);
    timer.unref();
    return () => clearInterval(timer);
  }

  peek(key: string): CacheEntry | undefined {
    const kept = this.#memory.get(key);
    if (kept === undefined) return undefined;
    const now = this.#options.now();
    if (kept.keepUntil <= now) {
      this.#memory.delete(key);
      return undefined;
    }
    if (kept.revision !== this.#journal.revision) {
      if (this.#journal.voids(kept)) {
        this.#memory.delete(key);
        this.#options.onEvent('invalidated');
        return undefined;
      }
      kept.revision = this.#journal.revision;
    }
    return this.#journal.isTrusted(now) || this.#isOwnAndYoung(kept, now) ? kept.entry : undefined;
  }

  async find(key: string): Promise<CacheEntry | undefined> {
    const entry = this.peek(key);
    if (entry && entry.expiresAt > this.#options.now()) return entry;
    return (await this.findNewer(key)) ?? this.peek(key);
  }

  async findNewer(key: string): Promise<CacheEntry | undefined> {
    const [entry] = await this.#findShared([key]);
    return entry;
  }

  /** `find` for many keys in one trip, in their order. */
  async findMany(keys: readonly string[]): Promise<readonly (CacheEntry | undefined)[]> {
    const isFresh = (key: string): boolean => (this.peek(key)?.expiresAt ?? 0) > this.#options.now();
    await this.#findShared(keys.filter((key) => !isFresh(key)));
    return keys.map((key) => this.peek(key));
  }

  store(key: string, entry: CacheEntry, keepMs: number): void {
    this.storeMany([{ key, entry, keepMs }]);
  }

  /** `store` for many answers in one trip. */
  storeMany(items: readonly Stored[]): void {
    const { shared, namespace, onEvent, onError, now } = this.#options;
    const values = items.flatMap(({ key, entry: given, keepMs }) => {
      const lifetimeMs = Math.min(keepMs, MAX_KEEP_MS);
      if (lifetimeMs <= 0 || bytesOf(given) > this.#options.maxEntryBytes) return [];
      const kept = this.#keep(key, { ...given, body: ownBytes(given.body) }, now() + lifetimeMs);
      if (kept === undefined) return [];
      onEvent('stored');
      return [{ key: namespace + kept.hash, value: encodeEntry(kept), lifetimeMs }];
    });
    const [only] = values;
    if (only === undefined) return;
    const { key, value, lifetimeMs } = only;
    (values.length > 1 ? shared.values.setMany(values) : shared.values.set(key, value, lifetimeMs)).catch(onError);
  }

  async drop(key: string): Promise<void> {
    const hash = hashedKey(key);
    this.#memory.delete(key);
    const { shared, namespace, onError } = this.#options;
    await Promise.all([this.#journal.add([`k${hash}`]), shared.values.delete(namespace + hash).catch(onError)]);
  }

  /**
   * Forgets what is named, here and in every process; answers whether the shared tier has taken it. If it has not, it
   * is told as soon as it answers again, and until then the other processes know nothing of it.
   */
  async invalidate({ tags = [], prefixes = [], everything = false }: Invalidation): Promise<boolean> {
    this.#forget(
      (kept) =>
        everything ||
        kept.tags.some((tag) => tags.includes(tag)) ||
        prefixes.some((prefix) => kept.key.startsWith(prefix)),
    );
    const marks: Mark[] = everything
      ? ['a']
      : [...tags.map((tag): Mark => `t${tag}`), ...prefixes.map((prefix): Mark => `p${prefix}`)];
    return marks.length === 0 || this.#journal.add(marks);
  }

  async #findShared(keys: readonly string[]): Promise<readonly (CacheEntry | undefined)[]> {
    const { shared, namespace, onError, now } = this.#options;
    // Without the journal nobody knows what of the shared tier is still valid.
    if (keys.length === 0 || (!this.#journal.isTrusted(now()) && !(await this.#journal.sync()))) return [];
    const hashes = keys.map(hashedKey);
    const names = hashes.map((hash) => namespace + hash);
    try {
      const found = names.length > 1 ? await shared.values.getMany(names) : [await shared.values.get(names[0] ?? '')];
      return found.map((bytes, index) => bytes && this.#takeOver(keys[index] ?? '', hashes[index] ?? '', bytes));
    } catch (error) {
      onError(error);
      return [];
    }
  }

  /** An entry of the shared tier into memory, when it is of use and newer than what is there. */
  #takeOver(key: string, hash: string, bytes: Buffer): CacheEntry | undefined {
    const decoded = decodeEntry(bytes);
    if (!decoded || decoded.keepUntil <= this.#options.now()) return undefined;
    const { entry, keepUntil, stamp } = decoded;
    const tags = entry.tags ?? NO_TAGS;
    if (this.#journal.voids({ key, hash, tags, stamp, fetchedAt: undefined })) return undefined;
    const present = this.peek(key);
    if (present && present.storedAt >= entry.storedAt) return undefined;
    const own = { ...entry, body: ownBytes(entry.body) };
    this.#remember({ key, hash, tags, entry: own, keepUntil, stamp, fetchedAt: undefined, revision: -1 });
    return own;
  }

  #keep(key: string, entry: CacheEntry, keepUntil: number): Kept | undefined {
    const kept: Kept = {
      key,
      hash: hashedKey(key),
      tags: entry.tags ?? NO_TAGS,
      entry,
      keepUntil,
      stamp: this.#journal.version,
      fetchedAt: entry.storedAt - (entry.fetchMs ?? 0),
      revision: -1,
    };
    if (this.#journal.voids(kept)) return undefined;
    this.#remember(kept);
    return kept;
  }

  #remember(kept: Kept): void {
    this.#memory.set(kept.key, kept, kept.key.length + bytesOf(kept.entry) + ENTRY_OVERHEAD);
  }

  #isOwnAndYoung({ fetchedAt }: Kept, now: number): boolean {
    return fetchedAt !== undefined && now - fetchedAt <= this.#options.maxStalenessMs;
  }

  #forget(matches: (kept: Kept) => boolean): void {
    for (const [key, kept] of this.#memory.entries()) {
      if (!matches(kept)) continue;
      this.#memory.delete(key);
      this.#options.onEvent('invalidated');
    }
  }
}

function bytesOf({ body, headers }: CacheEntry): number {
  return headers.reduce((sum, text) => sum + text.length, body.length);
}

/** Bytes of their own: a slice keeps alive whatever it was cut from, a whole read of a socket or a pool of buffers. */
function ownBytes(bytes: Buffer): Buffer {
  if (bytes.buffer.byteLength <= bytes.length * 2) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}
