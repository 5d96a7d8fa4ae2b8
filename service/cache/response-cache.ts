import { createHash } from 'node:crypto';
import { BoundedMap } from '../store/bounded-map.ts';
import type { KeyValueStore } from '../store/key-value.ts';
import { decodeEntry, encodeEntry, type CacheEntry } from './entry.ts';

/** Settings of a response cache. */
export type ResponseCacheOptions = {
  /** The tier behind this process's memory, shared with other processes. */
  readonly shared: KeyValueStore;
  /** Bytes of bodies that this process keeps; the least recently used goes first. */
  readonly maxBytes: number;
  /** Told of a failed call of the shared tier; the request goes on without it. */
  readonly onError: (error: unknown) => void;
  /** Wall clock in milliseconds; default Date.now. */
  readonly now?: () => number;
  /** From 0 to 1; default Math.random. */
  readonly random?: () => number;
};

/** An answer to keep. */
export type Cacheable = Pick<CacheEntry, 'status' | 'headers' | 'body'>;

/** The share of a lifetime that jitter may take off, so that what was stored together does not end together. */
const JITTER = 0.1;
const ENTRY_OVERHEAD = 400;

/** Answers by key in two tiers: this process's memory, looked at without waiting, and a shared store behind it. */
export class ResponseCache {
  readonly #entries: BoundedMap<CacheEntry>;
  readonly #flights = new Map<string, Promise<Cacheable | undefined>>();
  readonly #options: Required<ResponseCacheOptions>;

  constructor(options: ResponseCacheOptions) {
    this.#options = { now: Date.now, random: Math.random, ...options };
    this.#entries = new BoundedMap(options.maxBytes);
  }

  /** The fresh entry in memory, at once. */
  peek(key: string): CacheEntry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.expiresAt > this.#options.now()) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  /** The fresh entry in the shared tier; it is in memory from then on. */
  async find(key: string): Promise<CacheEntry | undefined> {
    const bytes = await this.#options.shared.get(sharedKey(key)).catch((error: unknown) => {
      this.#options.onError(error);
      return undefined;
    });
    const entry = bytes && decodeEntry(bytes);
    if (!entry || entry.expiresAt <= this.#options.now()) return undefined;
    this.#remember(key, entry);
    return entry;
  }

  /** Keeps an answer in both tiers for at most `lifetimeMs`, less a random part of up to 10 %. */
  store(key: string, answer: Cacheable, lifetimeMs: number): CacheEntry {
    const storedAt = this.#options.now();
    const kept = Math.round(lifetimeMs * (1 - JITTER * this.#options.random()));
    const entry = { ...answer, storedAt, expiresAt: storedAt + kept };
    this.#remember(key, entry);
    this.#options.shared.set(sharedKey(key), encodeEntry(entry), kept).catch(this.#options.onError);
    return entry;
  }

  /**
   * Runs `load` once for all who ask for the key at the same time. A load that fails, fails for those who waited and
   * is forgotten; undefined tells the others that its answer is not theirs to share.
   */
  share(
    key: string,
    load: () => Promise<Cacheable | undefined>,
  ): { leader: boolean; answer: Promise<Cacheable | undefined> } {
    const running = this.#flights.get(key);
    if (running) return { leader: false, answer: running };
    const answer = load().finally(() => this.#flights.delete(key));
    this.#flights.set(key, answer);
    return { leader: true, answer };
  }

  #remember(key: string, entry: CacheEntry): void {
    this.#entries.set(key, entry, key.length + entry.body.length + ENTRY_OVERHEAD);
  }
}

/** Hashed, so that no query text ends up in the names of a shared store. */
function sharedKey(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}
