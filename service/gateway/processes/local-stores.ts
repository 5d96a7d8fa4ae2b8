import { createMemorySharedTier, type CacheMessage } from '../../cache/index.ts';
import type { KeyValueStore } from '../../store/key-value.ts';
import { createMemoryKeyValue } from '../../store/memory-key-value.ts';
import { answerCacheCall } from './cache-calls.ts';
import { createLimitHolder } from './limit-calls.ts';
import type { StoreAnswer, StoreCall } from './messages.ts';

/** Settings of the stores that the primary holds when there is no Redis. */
export type LocalStoreOptions = {
  readonly trackedCallers: number;
  /** Bytes of answers and sessions together. */
  readonly maxBytes: number;
  /** Has a message of the cache sent to every worker. */
  readonly tellWorkers: (message: CacheMessage) => void;
};

/** Answers a worker's call; `worker` is the worker's number. */
export type LocalStores = {
  (call: StoreCall, worker?: number): Promise<StoreAnswer>;
  /** A worker is gone: its requests in flight no longer count. */
  retire(worker: number): void;
};

/** The part of the bytes that is for sessions: kept apart, so that no flood of answers displaces one. */
const SESSION_SHARE = 0.25;

/**
 * The stores of a pod without Redis. The primary holds them, so that a limit counts all workers together and an answer
 * or session that one worker keeps is there for the others.
 */
export function createLocalStores({ trackedCallers, maxBytes, tellWorkers }: LocalStoreOptions): LocalStores {
  const limits = createLimitHolder(trackedCallers);
  const values: KeyValueStore = createMemoryKeyValue({ maxBytes: maxBytes * SESSION_SHARE });
  const cache = createMemorySharedTier({ maxBytes: maxBytes * (1 - SESSION_SHARE) });
  cache.listen(tellWorkers);
  const answer = async (call: StoreCall, worker = 0): Promise<StoreAnswer> => {
    switch (call.method) {
      case 'limits.take':
      case 'limits.release':
      case 'limits.settle':
        return limits.answer(call, worker);
      case 'get':
        return values.get(call.key);
      case 'set':
        await values.set(call.key, Buffer.from(call.value), call.lifetimeMs);
        return undefined;
      case 'delete':
        await values.delete(call.key);
        return undefined;
      default:
        return answerCacheCall(cache, call);
    }
  };
  return Object.assign(answer, { retire: limits.retire });
}
