/** A kept answer, ready to be sent. Times are of the wall clock, in milliseconds. */
export type CacheEntry = {
  readonly status: number;
  /** Flat: name, value, name, value. */
  readonly headers: readonly string[];
  readonly body: Buffer;
  readonly storedAt: number;
  /** End of freshness. */
  readonly expiresAt: number;
  /** Until when it may be given although it is not fresh; absent: never. */
  readonly staleUntil?: number;
  /** Names under which it can be forgotten together with others. */
  readonly tags?: readonly string[];
  /** How long the origin took to answer. */
  readonly fetchMs?: number;
  /** What a user of the cache keeps beside the answer; has to survive JSON. */
  readonly meta?: Readonly<Record<string, unknown>>;
};

/** An entry as it lies in the shared tier. */
export type SharedEntry = {
  readonly entry: CacheEntry;
  /** The newest invalidation that was known when the entry was made; a later one that names it makes it void. */
  readonly stamp: number;
  /** When even a stale entry is of no use any more. */
  readonly keepUntil: number;
};

/** Of the layout below; bytes with another are not read. */
const LAYOUT = 2;

type Head = Omit<CacheEntry, 'body'> & { readonly stamp: number; readonly keepUntil: number; readonly layout: number };

/** An entry as bytes: the length of a JSON head, the head, the body. */
export function encodeEntry({ entry: { body, ...rest }, stamp, keepUntil }: SharedEntry): Buffer {
  const head: Head = { ...rest, stamp, keepUntil, layout: LAYOUT };
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, text, body]);
}

/** The entry that bytes hold; undefined when they hold none (written by another version, or cut). */
export function decodeEntry(bytes: Buffer): SharedEntry | undefined {
  if (bytes.length < 4) return undefined;
  const end = 4 + bytes.readUInt32BE(0);
  if (end > bytes.length) return undefined;
  try {
    const { stamp, keepUntil, layout, ...rest } = JSON.parse(bytes.toString('utf8', 4, end)) as Head;
    return layout === LAYOUT ? { entry: { ...rest, body: bytes.subarray(end) }, stamp, keepUntil } : undefined;
  } catch {
    // Bytes that another version wrote are no error: the answer is fetched anew.
    return undefined;
  }
}
