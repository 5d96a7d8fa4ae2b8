import type { KeyValueStore } from './key-value.ts';

/** What a memory store may hold. */
export type MemoryBounds = {
  /** Bytes of keys and values together; the least recently used value goes first. */
  readonly maxBytes: number;
  /** Wall clock in milliseconds; default Date.now. */
  readonly now?: () => number;
};

type Item = { readonly value: Buffer; readonly expiresAt: number; readonly size: number };

/** What an item costs beside its key and value, roughly. */
const ITEM_OVERHEAD = 120;

/** A store in this process. A value larger than the whole bound is not kept. */
export function createMemoryKeyValue({ maxBytes, now = Date.now }: MemoryBounds): KeyValueStore {
  const items = new Map<string, Item>();
  let bytes = 0;
  const remove = (key: string): void => {
    const item = items.get(key);
    if (!item) return;
    items.delete(key);
    bytes -= item.size;
  };
  return {
    get(key) {
      const item = items.get(key);
      if (!item) return Promise.resolve(undefined);
      remove(key);
      if (item.expiresAt <= now()) return Promise.resolve(undefined);
      items.set(key, item);
      bytes += item.size;
      return Promise.resolve(item.value);
    },
    set(key, value, lifetimeMs) {
      remove(key);
      const size = key.length + value.length + ITEM_OVERHEAD;
      if (size > maxBytes) return Promise.resolve();
      items.set(key, { value, expiresAt: now() + lifetimeMs, size });
      bytes += size;
      for (const oldest of items.keys()) {
        if (bytes <= maxBytes) break;
        remove(oldest);
      }
      return Promise.resolve();
    },
    delete(key) {
      remove(key);
      return Promise.resolve();
    },
  };
}
