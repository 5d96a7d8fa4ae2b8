import type { CacheEntry } from '../../../service/cache/entry.ts';
import { createMemorySharedTier, ResponseCache, type SharedTier } from '../../../service/cache/index.ts';

const MAX_BYTES = 16 << 20;

/** Tiers of one process that remember every key under which something was kept. */
export class RecordingTiers extends ResponseCache {
  readonly keys: string[] = [];

  override store(key: string, entry: CacheEntry, keepMs: number): void {
    this.keys.push(key);
    super.store(key, entry, keepMs);
  }
}

/** What processes share, on the clock of a test. */
export function createShared(now: () => number): SharedTier {
  return createMemorySharedTier({ maxBytes: MAX_BYTES, now });
}

/** Tiers of one process, on the clock of a test; failures of the shared tier are the test's. */
export function createTiers(now: () => number, shared = createShared(now)): RecordingTiers {
  const onError = (error: unknown): never => {
    throw error;
  };
  return new RecordingTiers({ shared, maxBytes: MAX_BYTES, now, onError });
}
