import { randomBytes } from 'node:crypto';
import type { CacheEntry } from '../entry.ts';
import type { CacheTiers } from '../tiers.ts';
import type { RequestFields } from './fields.ts';
import type { StoredResponse } from './stored-response.ts';
import { varyNames, varyText } from './vary.ts';

/** Settings of a store of answers. */
export type ResponseStoreOptions = {
  readonly tiers: CacheTiers;
  /** Answers for one address that differ by what Vary names; the one kept longest ago goes first. */
  readonly maxVariants: number;
  /** Names the answers to one address between two invalidations; default random. */
  readonly nextId?: () => string;
};

/** What is known of the answers for one address that differ by request fields. */
type Index = {
  /** When the fetch began that this index was made for: what was asked for before is not added. */
  readonly begunAt: number;
  /** Part of every variant's key: a new index reaches none of the variants of one that was dropped. */
  readonly id: string;
  /** Sets of names that Vary had, the latest first. */
  readonly sets: readonly (readonly string[])[];
  /** Keys of the variants, the latest first. */
  readonly variants: readonly string[];
};

type IndexEntry = CacheEntry & { readonly meta: Index };

/** Different sets of names in Vary for one address at once. */
const MAX_SETS = 4;

/**
 * Answers by address, and where Vary says so by what it names in the request (RFC 9111, section 4.1). An address whose
 * answers do not vary has its answer under its own key; otherwise an index lies there. A variant's key has a line break
 * and a random part in it, so that no address that somebody makes up is one. The bound on variants is kept by each
 * process for what it knows; processes that learn of variants at the same moment may pass it by their number.
 */
export class ResponseStore {
  readonly #tiers: CacheTiers;
  readonly #maxVariants: number;
  readonly #nextId: () => string;

  constructor({ tiers, maxVariants, nextId = () => randomBytes(6).toString('base64url') }: ResponseStoreOptions) {
    this.#tiers = tiers;
    this.#maxVariants = maxVariants;
    this.#nextId = nextId;
  }

  /** The answer in memory that fits the request, at once, fresh or not. */
  peek(key: string, request: RequestFields): StoredResponse | undefined {
    const entry = this.#tiers.peek(key);
    if (entry === undefined) return undefined;
    if (!isIndex(entry)) return entry as StoredResponse;
    return newest(entry.meta.sets, (names) => this.#tiers.peek(variantKey(key, entry.meta, names, request)));
  }

  /** The answer in any tier that fits the request, and whether there are any for its address. */
  async find(key: string, request: RequestFields): Promise<{ entry: StoredResponse | undefined; known: boolean }> {
    const entry = await this.#tiers.find(key);
    if (entry === undefined) return { entry: undefined, known: false };
    if (!isIndex(entry)) return { entry: entry as StoredResponse, known: true };
    const found = await this.#findVariant(key, entry.meta, request);
    if (found) return { entry: found, known: true };
    // Another process may know of more variants than this one.
    const newer = await this.#tiers.findNewer(key);
    if (newer === undefined) return { entry: undefined, known: true };
    if (!isIndex(newer)) return { entry: newer as StoredResponse, known: true };
    return { entry: await this.#findVariant(key, newer.meta, request), known: true };
  }

  /** The text that is the same for all requests that the next answer is likely to fit, by what Vary has named so far. */
  flightKey(key: string, request: RequestFields): string {
    const entry = this.#tiers.peek(key);
    const names = entry && isIndex(entry) ? entry.meta.sets[0] : undefined;
    return names ? `${key}\n${varyText(names, request)}` : key;
  }

  /** Keeps an answer for so many milliseconds in the place of the one that fits the same requests. */
  store(key: string, request: RequestFields, entry: StoredResponse, keepMs: number): void {
    const names = varyNames(entry.headers);
    if (names === undefined) return;
    const present = this.#tiers.peek(key);
    const indexed = present && isIndex(present) ? present : undefined;
    if (names.length === 0 && !indexed) {
      this.#tiers.store(key, entry, keepMs);
      return;
    }
    const begunAt = entry.storedAt - (entry.fetchMs ?? 0);
    // Asked for before whatever made this index: an invalidation may lie between the two.
    if (indexed && begunAt < indexed.meta.begunAt) return;
    const { id, begunAt: first, sets, variants } = indexed?.meta ?? { id: this.#nextId(), begunAt, ...NO_VARIANTS };
    const variant = variantKey(key, { id }, names, request);
    const known = [variant, ...variants.filter((other) => other !== variant)];
    for (const surplus of known.splice(this.#maxVariants)) void this.#tiers.drop(surplus);
    const expiresAt = Math.max(indexed?.expiresAt ?? 0, entry.storedAt + keepMs);
    const text = names.join();
    const meta: Index = {
      id,
      begunAt: first,
      sets: [names, ...sets.filter((other) => other.join() !== text)].slice(0, MAX_SETS),
      variants: known,
    };
    const { storedAt, fetchMs = 0 } = entry;
    const index: CacheEntry = { status: 0, headers: [], body: EMPTY, storedAt, expiresAt, fetchMs, meta };
    this.#tiers.store(variant, entry, keepMs);
    this.#tiers.store(key, index, expiresAt - storedAt);
  }

  /** Forgets all answers for an address, in every process (RFC 9111, section 4.4). */
  async invalidate(key: string): Promise<void> {
    await this.#tiers.drop(key);
  }

  async #findVariant(key: string, index: Index, request: RequestFields): Promise<StoredResponse | undefined> {
    const entries = await Promise.all(
      index.sets.map((names) => this.#tiers.find(variantKey(key, index, names, request))),
    );
    return newest(index.sets, (_, position) => entries[position]);
  }
}

const EMPTY = Buffer.alloc(0);
const NO_VARIANTS: Pick<Index, 'sets' | 'variants'> = { sets: [], variants: [] };

function isIndex(entry: CacheEntry): entry is IndexEntry {
  return entry.meta !== undefined && 'variants' in entry.meta;
}

function variantKey(key: string, { id }: Pick<Index, 'id'>, names: readonly string[], request: RequestFields): string {
  return `${key}\n${id}\n${varyText(names, request)}`;
}

/** Of several that fit the latest by its Date; one without Vary only when no other fits (RFC 9111, section 4.1). */
function newest(
  sets: Index['sets'],
  find: (names: readonly string[], position: number) => CacheEntry | undefined,
): StoredResponse | undefined {
  let best: StoredResponse | undefined;
  let bestVaries = false;
  for (let position = 0; position < sets.length; position++) {
    const names = sets[position] ?? [];
    const entry = find(names, position) as StoredResponse | undefined;
    if (entry === undefined) continue;
    const varies = names.length > 0;
    if (best && (bestVaries !== varies ? bestVaries : best.meta.dateMs >= entry.meta.dateMs)) continue;
    best = entry;
    bestVaries = varies;
  }
  return best;
}
