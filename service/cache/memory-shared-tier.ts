import { BoundedMap } from '../store/bounded-map.ts';
import { createMemoryKeyValue, type MemoryBounds } from '../store/memory-key-value.ts';
import {
  JOURNAL_BOUNDS,
  type CacheMessage,
  type JournalStore,
  type LeaseStore,
  type Mark,
  type SharedTier,
} from './shared-tier.ts';

/** What is shared when one process holds it: the primary for its workers, or a process that is alone. */
export function createMemorySharedTier({ maxBytes, now = Date.now }: MemoryBounds): SharedTier {
  const listeners: ((message: CacheMessage) => void)[] = [];
  const tell = (message: CacheMessage): void => listeners.forEach((listener) => listener(message));
  return {
    values: createMemoryKeyValue({ maxBytes, now }),
    leases: createMemoryLeases(tell, now),
    journal: createMemoryJournal(tell, now),
    listen: (listener) => void listeners.push(listener),
  };
}

type Lease = { readonly owner: string; readonly endsAt: number; awaited: boolean };

/** Leases at once; beyond it the oldest is taken for over. */
const MAX_LEASES = 10_000;

function createMemoryLeases(tell: (message: CacheMessage) => void, now: () => number): LeaseStore {
  const leases = new BoundedMap<Lease>(MAX_LEASES);
  return {
    take(name, owner, lifetimeMs) {
      const held = leases.get(name);
      const leftMs = held ? held.endsAt - now() : 0;
      if (held && leftMs > 0) {
        held.awaited = true;
        return Promise.resolve(leftMs);
      }
      leases.set(name, { owner, endsAt: now() + lifetimeMs, awaited: false }, 1);
      return Promise.resolve(0);
    },
    release(name, owner) {
      const held = leases.get(name);
      if (held?.owner === owner) {
        leases.delete(name);
        if (held.awaited) tell({ type: 'landed', name });
      }
      return Promise.resolve();
    },
  };
}

function createMemoryJournal(tell: (message: CacheMessage) => void, now: () => number): JournalStore {
  const broad = new Map<Mark, number>();
  const keys = new Map<Mark, number>();
  const epoch = String(now());
  let latest = 0;
  const trim = (): void => {
    for (const [mark, version] of keys) {
      if (version > (now() - JOURNAL_BOUNDS.keepKeysMs) * 1000 && keys.size <= JOURNAL_BOUNDS.maxKeyMarks) break;
      keys.delete(mark);
    }
    for (const [mark, version] of broad) {
      const isOld = version <= (now() - JOURNAL_BOUNDS.keepMs) * 1000;
      if (!isOld && broad.size <= JOURNAL_BOUNDS.maxMarks) break;
      broad.delete(mark);
      if (!isOld) broad.set('a', Math.max(version, broad.get('a') ?? 0));
    }
  };
  return {
    add(marks) {
      const previous = latest;
      latest = Math.max(now() * 1000, previous + 1);
      for (const mark of marks) {
        const notes = mark.startsWith('k') ? keys : broad;
        notes.delete(mark);
        notes.set(mark, latest);
      }
      trim();
      tell({ type: 'marks', previous, version: latest, marks });
      return Promise.resolve({ previous, version: latest });
    },
    since: (known) =>
      Promise.resolve({
        epoch,
        // The answers are in the same memory: they are lost with it.
        begins: 0,
        version: latest,
        marks: [...broad, ...keys].filter(([, version]) => version > known),
      }),
  };
}
