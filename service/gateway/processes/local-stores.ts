import { createMemoryLimits, type LimitStore } from '../../limit/index.ts';
import type { KeyValueStore } from '../../store/key-value.ts';
import { createMemoryKeyValue } from '../../store/memory-key-value.ts';
import type { StoreAnswer, StoreCall } from './messages.ts';

/** Settings of the stores that the primary holds when there is no Redis. */
export type LocalStoreOptions = { readonly trackedCallers: number; readonly maxBytes: number };

/**
 * The stores of a pod without Redis. The primary holds them, so that a limit counts all workers together and an answer
 * or session that one worker keeps is there for the others.
 */
export function createLocalStores({
  trackedCallers,
  maxBytes,
}: LocalStoreOptions): (call: StoreCall) => Promise<StoreAnswer> {
  const limits: LimitStore = createMemoryLimits({ trackedCallers });
  const values: KeyValueStore = createMemoryKeyValue({ maxBytes });
  return async (call) => {
    switch (call.method) {
      case 'take':
        return limits.take(call.checks);
      case 'get':
        return values.get(call.key);
      case 'set':
        await values.set(call.key, Buffer.from(call.value), call.lifetimeMs);
        return undefined;
      case 'delete':
        await values.delete(call.key);
        return undefined;
    }
  };
}
