import type { BatchedKeyValueStore } from '../store/key-value.ts';

/** What processes share for their caches: in Redis, in the primary process, or in this process alone. */
export type SharedTier = {
  readonly values: BatchedKeyValueStore;
  readonly leases: LeaseStore;
  readonly journal: JournalStore;
  /** Has messages of all processes, this one included, given to a listener. Some may be lost, none is given twice. */
  listen(listener: (message: CacheMessage) => void): void;
};

/** Who may fetch what, for how long. Every call rejects when the store does not answer in time. */
export type LeaseStore = {
  /**
   * Takes a lease for so many milliseconds and answers 0; where another has it, answers the milliseconds that are left
   * of it, and the asker is told by a message when it is given back.
   */
  take(name: string, owner: string, lifetimeMs: number): Promise<number>;
  /** Gives a lease back, when it is still this owner's. */
  release(name: string, owner: string): Promise<void>;
};

/** What was declared invalid, in order. Every call rejects when the store does not answer in time. */
export type JournalStore = {
  /** Records marks under a version greater than all before, sends them to every process, and says which it is. */
  add(marks: readonly Mark[]): Promise<JournalStep>;
  /** What was recorded after a version; after 0: all that is kept. */
  since(version: number): Promise<JournalPage>;
};

/** What was declared invalid: `k` and a hashed key, `t` and a tag, `p` and the beginning of keys, or `a`: everything. */
export type Mark = `k${string}` | `t${string}` | `p${string}` | 'a';

/** From one version to the next. */
export type JournalStep = {
  /** The version before: one who does not know it has missed a message. */
  readonly previous: number;
  readonly version: number;
};

/** What bounds a journal, in its store and in each process that follows it. */
export const JOURNAL_BOUNDS = {
  /** Marks of tags, prefixes and everything are kept for an hour longer than any entry. */
  keepMs: 25 * 3_600_000,
  /** Marks of keys are kept for longer than any fetch lasts: what had been stored before is deleted at once. */
  keepKeysMs: 600_000,
  /** Beyond it the oldest mark goes, and with it all that is older than the mark. */
  maxMarks: 5_000,
  /** Beyond it the oldest goes. */
  maxKeyMarks: 10_000,
} as const;

/** A part of a journal up to its newest version. */
export type JournalPage = {
  /** Names the life of the store: it changes when the store has lost its memory. */
  readonly epoch: string;
  /** What was made before this version is void: nobody knows any more what of it had been declared invalid. */
  readonly begins: number;
  /** Microseconds of the store's clock, so that it grows even over a loss of memory. */
  readonly version: number;
  readonly marks: readonly (readonly [mark: Mark, version: number])[];
};

/** What a process hears of the others. */
export type CacheMessage =
  | ({ readonly type: 'marks'; readonly marks: readonly Mark[] } & JournalStep)
  /** A lease was given back; whoever waited looks for what its holder has kept. */
  | { readonly type: 'landed'; readonly name: string }
  /** Messages may have been lost. */
  | { readonly type: 'gap' };
