/** Values that end by themselves: what cached answers and sessions are kept in. Implementations share one test suite. */
export type KeyValueStore = {
  /** The value, or undefined when there is none or its time is over. Rejects when the store does not answer. */
  get(key: string): Promise<Buffer | undefined>;
  /** Keeps a value for so many milliseconds. */
  set(key: string, value: Buffer, lifetimeMs: number): Promise<void>;
  /** Forgets a value; nothing happens when there is none. */
  delete(key: string): Promise<void>;
};
