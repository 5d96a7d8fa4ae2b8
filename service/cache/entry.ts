/** A kept answer, ready to be sent. */
export type CacheEntry = {
  readonly status: number;
  /** Flat: name, value, name, value. */
  readonly headers: readonly string[];
  readonly body: Buffer;
  /** Wall clock in milliseconds. */
  readonly storedAt: number;
  readonly expiresAt: number;
};

/** An entry as bytes: the length of a JSON head, the head, the body. */
export function encodeEntry({ body, ...head }: CacheEntry): Buffer {
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, text, body]);
}

/** The entry that bytes hold; undefined when they hold none (written by another version, or cut). */
export function decodeEntry(bytes: Buffer): CacheEntry | undefined {
  if (bytes.length < 4) return undefined;
  const end = 4 + bytes.readUInt32BE(0);
  if (end > bytes.length) return undefined;
  try {
    const head = JSON.parse(bytes.toString('utf8', 4, end)) as Omit<CacheEntry, 'body'>;
    return { ...head, body: bytes.subarray(end) };
  } catch {
    // Bytes that another version wrote are no error: the answer is fetched anew.
    return undefined;
  }
}
