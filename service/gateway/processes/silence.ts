/** Between two looks at who is silent; a worker says that it lives about as often. */
export const LOOK_MS = 500;

/** When a worker counts as silent, in milliseconds since it was heard of last. */
export type SilenceOptions = {
  /** From when on it is no capacity. */
  readonly unreadyMs: number;
  /** From when on it is to be ended; more than `unreadyMs`. */
  readonly endMs: number;
  /** Monotonic clock in milliseconds; default performance.now. */
  readonly now?: () => number;
};

/** A worker that is silent. */
export type SilentWorker = { readonly worker: number; readonly silentMs: number };

/** What a look found: one that has fallen silent, one that is heard of again, one that is to be ended. */
export type SilenceChange = SilentWorker & { readonly kind: 'silent' | 'heard' | 'end' };

/** Which workers stand still, as far as the primary can tell. */
export type Silence = {
  /** A worker said that it lives; the first time it is watched from then on. */
  heard(worker: number): void;
  /** A worker is gone. */
  retire(worker: number): void;
  /** Compares all with the clock; to be called every LOOK_MS. Each change is told once. */
  look(): readonly SilenceChange[];
  /** Those that are silent as of the last look, the longest first. */
  silent(): readonly SilentWorker[];
};

type Watched = { heardAt: number; told: 'silent' | 'end' | undefined };

/**
 * Tells a worker whose event loop stands still (an endless loop, a SIGSTOP) by its silence. By as much as a look comes
 * late, everybody's silence is forgiven: then this process stood still itself, with all others on a laptop that slept or
 * in a container that was paused, or has as little of the processor as they, and could not have heard them.
 */
export function createSilence({ unreadyMs, endMs, now = () => performance.now() }: SilenceOptions): Silence {
  const watched = new Map<number, Watched>();
  let lookedAt = now();
  const silentMs = ({ heardAt }: Watched): number => lookedAt - heardAt;
  return {
    heard(worker) {
      const known = watched.get(worker);
      if (known) known.heardAt = now();
      else watched.set(worker, { heardAt: now(), told: undefined });
    },
    retire: (worker) => watched.delete(worker),
    look() {
      const time = now();
      const late = Math.max(0, time - lookedAt - LOOK_MS);
      lookedAt = time;
      const changes: SilenceChange[] = [];
      for (const [worker, each] of watched) {
        each.heardAt = Math.min(time, each.heardAt + late);
        const silence = silentMs(each);
        const due = silence >= endMs ? 'end' : silence >= unreadyMs ? 'silent' : undefined;
        // One that is to be ended stays so: the order is given.
        if (due === each.told || each.told === 'end') continue;
        each.told = due;
        changes.push({ kind: due ?? 'heard', worker, silentMs: silence });
      }
      return changes;
    },
    silent: () =>
      [...watched]
        .filter(([, { told }]) => told !== undefined)
        .map(([worker, each]) => ({ worker, silentMs: silentMs(each) }))
        .sort((one, other) => other.silentMs - one.silentMs),
  };
}
