import { BoundedMap } from './bounded-map.ts';
import type { BatchedKeyValueStore } from './key-value.ts';

/** What a memory store may hold. */
export type MemoryBounds = {
  /** Bytes of keys and values together; what was used longest ago goes first. */
  readonly maxBytes: number;
  /** Wall clock in milliseconds; default Date.now. */
  readonly now?: () => number;
};

/** What an item costs beside its key and value, roughly. */
const ITEM_OVERHEAD = 120;

/** A store in this process. A value larger than the whole bound is not kept. */
export function createMemoryKeyValue({ maxBytes, now = Date.now }: MemoryBounds): BatchedKeyValueStore {
  const items = new BoundedMap<{ readonly value: Buffer; readonly expiresAt: number }>(maxBytes);
  const get = (key: string): Buffer | undefined => {
    const item = items.get(key);
    if (item && item.expiresAt > now()) return item.value;
    items.delete(key);
    return undefined;
  };
  const set = (key: string, value: Buffer, lifetimeMs: number): void =>
    items.set(key, { value, expiresAt: now() + lifetimeMs }, key.length + value.length + ITEM_OVERHEAD);
  return {
    get: (key) => Promise.resolve(get(key)),
    set(key, value, lifetimeMs) {
      set(key, value, lifetimeMs);
      return Promise.resolve();
    },
    delete(key) {
      items.delete(key);
      return Promise.resolve();
    },
    getMany: (keys) => Promise.resolve(keys.map(get)),
    setMany(given) {
      for (const { key, value, lifetimeMs } of given) set(key, value, lifetimeMs);
      return Promise.resolve();
    },
  };
}
