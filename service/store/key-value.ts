/** Values that end by themselves: what cached answers and sessions are kept in. Implementations share one test suite. */
export type KeyValueStore = {
  /** The value, or undefined when there is none or its time is over. Rejects when the store does not answer. */
  get(key: string): Promise<Buffer | undefined>;
  /** Keeps a value for so many milliseconds. */
  set(key: string, value: Buffer, lifetimeMs: number): Promise<void>;
  /** Forgets a value; nothing happens when there is none. */
  delete(key: string): Promise<void>;
};

/** A value to keep. */
export type KeyValue = { readonly key: string; readonly value: Buffer; readonly lifetimeMs: number };

/** Values that can be read and written many at once, in one trip. */
export type BatchedKeyValueStore = KeyValueStore & {
  /** The values in the order of their keys; undefined for each that is not there. */
  getMany(keys: readonly string[]): Promise<readonly (Buffer | undefined)[]>;
  /** Keeps each value for its time. Rejects when one could not be kept; the others may have been. */
  setMany(items: readonly KeyValue[]): Promise<void>;
};
