import { JOURNAL_BOUNDS, type CacheMessage, type JournalStep, type JournalStore, type Mark } from './shared-tier.ts';

/** Settings of a process's copy of the journal. */
export type JournalOptions = {
  readonly store: JournalStore;
  /** How long the copy is believed after it was last known to be whole. */
  readonly maxStalenessMs: number;
  /** Everything in memory is void: the store has lost its memory, and nobody knows what it had been told. */
  readonly onLoss: () => void;
  readonly onError: (error: unknown) => void;
  /** Wall clock in milliseconds. */
  readonly now: () => number;
};

/** What an invalidation may name, and when the thing was made. */
export type Marked = {
  readonly key: string;
  readonly hash: string;
  readonly tags: readonly string[];
  /** The journal's version when it was made. */
  readonly stamp: number;
  /** When its fetch began, for what this process has fetched itself; by the wall clock. */
  readonly fetchedAt: number | undefined;
};

type Note = { readonly version: number; readonly learnedAt: number; readonly pending: boolean };

/**
 * A process's copy of what was declared invalid. It is brought up to date by messages; each names the version before,
 * so that a lost one is noticed with the next, and by asking the store from time to time, so that it is noticed anyway.
 */
export class Journal {
  readonly #options: JournalOptions;
  readonly #broad = new Map<Mark, Note>();
  readonly #keys = new Map<Mark, Note>();
  readonly #prefixes = new Set<Mark>();
  /** Marks that the store did not take; sent again with the next question. */
  readonly #pending = new Set<Mark>();
  #floor = 0;
  #epoch: string | undefined;
  #verifiedAt = -Infinity;
  #syncing: Promise<boolean> | undefined;
  #revision = 0;
  #version = 0;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** The version up to which nothing is missing: the stamp of what is made now. */
  get version(): number {
    return this.#version;
  }

  /** Changes whenever something was learned. */
  get revision(): number {
    return this.#revision;
  }

  /** Whether the copy was whole so recently that what it does not name counts as valid. */
  isTrusted(now: number): boolean {
    return now - this.#verifiedAt <= this.#options.maxStalenessMs;
  }

  /** Whether something was declared invalid after it was made. */
  voids(thing: Marked): boolean {
    if (thing.stamp < this.#floor) return true;
    const later = (note: Note | undefined): boolean =>
      note !== undefined &&
      (note.version > thing.stamp || (thing.fetchedAt === undefined ? note.pending : note.learnedAt > thing.fetchedAt));
    if (later(this.#broad.get('a')) || later(this.#keys.get(`k${thing.hash}`))) return true;
    for (const tag of thing.tags) if (later(this.#broad.get(`t${tag}`))) return true;
    for (const mark of this.#prefixes)
      if (thing.key.startsWith(mark.slice(1)) && later(this.#broad.get(mark))) return true;
    return false;
  }

  /** Declares invalid; answers whether the store has taken it. If not, it is told when it answers again. */
  async add(marks: readonly Mark[]): Promise<boolean> {
    for (const mark of marks) this.#learn(mark, this.#noteOf(mark)?.version ?? 0, true);
    try {
      if (!(await this.#record(marks))) await this.sync();
      return true;
    } catch (error) {
      this.#options.onError(error);
      for (const mark of marks) this.#pending.add(mark);
      if (this.#pending.size > JOURNAL_BOUNDS.maxMarks) {
        this.#pending.clear();
        this.#pending.add('a');
      }
      return false;
    }
  }

  /** Takes in a message of another process. */
  hear(message: CacheMessage): void {
    if (message.type === 'landed') return;
    if (message.type === 'marks') {
      if (message.version <= this.#version) return;
      if (this.#follow(message, message.marks)) return;
    }
    void this.sync();
  }

  /** Asks the store for what is missing; answers whether the copy is whole now. All who ask at the same time ask once. */
  sync(): Promise<boolean> {
    return (this.#syncing ??= this.#sync().finally(() => (this.#syncing = undefined)));
  }

  async #sync(): Promise<boolean> {
    const { store, onError, onLoss, now } = this.#options;
    try {
      const askedAt = now();
      let page = await store.since(this.#version);
      if (page.epoch !== this.#epoch) {
        if (this.#epoch !== undefined) {
          onLoss();
          page = await store.since(0);
        }
        this.#epoch = page.epoch;
        this.#version = 0;
        this.#floor = Math.max(this.#floor, page.begins);
      }
      for (const [mark, version] of page.marks) this.#learn(mark, version, false);
      this.#version = Math.max(this.#version, page.version);
      this.#verifiedAt = askedAt;
      this.#trim(now());
      if (this.#pending.size > 0) await this.#record([...this.#pending]);
      return true;
    } catch (error) {
      onError(error);
      return false;
    }
  }

  /** Has the store take marks; false when others came between that are not known yet. */
  async #record(marks: readonly Mark[]): Promise<boolean> {
    const step = await this.#options.store.add(marks);
    for (const mark of marks) this.#pending.delete(mark);
    return step.version <= this.#version || this.#follow(step, marks);
  }

  /** Learns a step; false when it is not the next one. */
  #follow({ previous, version }: JournalStep, marks: readonly Mark[]): boolean {
    for (const mark of marks) this.#learn(mark, version, false);
    if (previous !== this.#version) return false;
    this.#version = version;
    this.#verifiedAt = this.#options.now();
    return true;
  }

  #learn(mark: Mark, version: number, pending: boolean): void {
    const known = this.#noteOf(mark);
    if (known && !pending && !known.pending && known.version >= version) return;
    const notes = mark.startsWith('k') ? this.#keys : this.#broad;
    // Taken out and put back, so that the oldest stand first.
    notes.delete(mark);
    notes.set(mark, { version, learnedAt: this.#options.now(), pending });
    if (mark.startsWith('p')) this.#prefixes.add(mark);
    this.#revision++;
  }

  #noteOf(mark: Mark): Note | undefined {
    return mark.startsWith('k') ? this.#keys.get(mark) : this.#broad.get(mark);
  }

  #trim(now: number): void {
    const { keepMs, keepKeysMs, maxMarks, maxKeyMarks } = JOURNAL_BOUNDS;
    for (const [mark, { learnedAt }] of this.#keys) {
      if (learnedAt > now - keepKeysMs && this.#keys.size <= maxKeyMarks) break;
      this.#keys.delete(mark);
    }
    for (const [mark, { learnedAt, version }] of this.#broad) {
      const isOld = learnedAt <= now - keepMs;
      if (!isOld && this.#broad.size <= maxMarks) break;
      if (!isOld) this.#floor = Math.max(this.#floor, version);
      this.#broad.delete(mark);
      this.#prefixes.delete(mark);
    }
  }
}
