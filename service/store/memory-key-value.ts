import { BoundedMap } from './bounded-map.ts';
import type { KeyValueStore } from './key-value.ts';

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
export function createMemoryKeyValue({ maxBytes, now = Date.now }: MemoryBounds): KeyValueStore {
  const items = new BoundedMap<{ readonly value: Buffer; readonly expiresAt: number }>(maxBytes);
  return {
    get(key) {
      const item = items.get(key);
      if (item && item.expiresAt > now()) return Promise.resolve(item.value);
      items.delete(key);
      return Promise.resolve(undefined);
    },
    set(key, value, lifetimeMs) {
      items.set(key, { value, expiresAt: now() + lifetimeMs }, key.length + value.length + ITEM_OVERHEAD);
      return Promise.resolve();
    },
    delete(key) {
      items.delete(key);
      return Promise.resolve();
    },
  };
}
