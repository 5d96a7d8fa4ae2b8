import type { CacheMessage, JournalPage, JournalStep, Mark, SharedTier } from '../../cache/index.ts';

type Item = { readonly key: string; readonly value: Uint8Array; readonly lifetimeMs: number };

/** A call of a worker's cache to the shared tier that the primary holds. */
export type CacheCall =
  | { readonly method: 'cache.get'; readonly keys: readonly string[] }
  | { readonly method: 'cache.set'; readonly items: readonly Item[] }
  | { readonly method: 'cache.delete'; readonly key: string }
  | { readonly method: 'cache.take'; readonly name: string; readonly owner: string; readonly lifetimeMs: number }
  | { readonly method: 'cache.release'; readonly name: string; readonly owner: string }
  | { readonly method: 'cache.add'; readonly marks: readonly Mark[] }
  | { readonly method: 'cache.since'; readonly version: number };

/** What such a call answers, by its method. */
export type CacheAnswer = readonly (Uint8Array | undefined)[] | number | JournalStep | JournalPage | undefined;

/** Answers a worker's call from the tier that the primary holds. */
export async function answerCacheCall(tier: SharedTier, call: CacheCall): Promise<CacheAnswer> {
  switch (call.method) {
    case 'cache.get':
      return tier.values.getMany(call.keys);
    case 'cache.set':
      // A copy, so that a value does not keep alive the whole message that it came in.
      await tier.values.setMany(call.items.map((item) => ({ ...item, value: Buffer.from(item.value) })));
      return undefined;
    case 'cache.delete':
      await tier.values.delete(call.key);
      return undefined;
    case 'cache.take':
      return tier.leases.take(call.name, call.owner, call.lifetimeMs);
    case 'cache.release':
      await tier.leases.release(call.name, call.owner);
      return undefined;
    case 'cache.add':
      return tier.journal.add(call.marks);
    case 'cache.since':
      return tier.journal.since(call.version);
  }
}

/** A worker's end of the tier; `hear` is to be called with each message of the primary's tier. */
export function createCacheLink(call: (request: CacheCall) => Promise<unknown>): {
  readonly tier: SharedTier;
  hear(message: CacheMessage): void;
} {
  const listeners: ((message: CacheMessage) => void)[] = [];
  const getMany = async (keys: readonly string[]): Promise<readonly (Buffer | undefined)[]> => {
    const values = (await call({ method: 'cache.get', keys })) as readonly (Uint8Array | undefined)[];
    return values.map((value) => value && Buffer.from(value.buffer, value.byteOffset, value.byteLength));
  };
  const setMany = async (items: readonly Item[]): Promise<void> => {
    await call({ method: 'cache.set', items });
  };
  return {
    tier: {
      values: {
        getMany,
        setMany,
        get: async (key) => (await getMany([key]))[0],
        set: (key, value, lifetimeMs) => setMany([{ key, value, lifetimeMs }]),
        async delete(key) {
          await call({ method: 'cache.delete', key });
        },
      },
      leases: {
        take: async (name, owner, lifetimeMs) =>
          (await call({ method: 'cache.take', name, owner, lifetimeMs })) as number,
        async release(name, owner) {
          await call({ method: 'cache.release', name, owner });
        },
      },
      journal: {
        add: async (marks) => (await call({ method: 'cache.add', marks })) as JournalStep,
        since: async (version) => (await call({ method: 'cache.since', version })) as JournalPage,
      },
      listen: (listener) => void listeners.push(listener),
    },
    hear: (message) => listeners.forEach((listener) => listener(message)),
  };
}
