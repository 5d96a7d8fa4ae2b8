import type { CacheMessage, SharedTier } from '../../cache/index.ts';
import type { LendingStore } from '../../limit/index.ts';
import type { KeyValueStore } from '../../store/key-value.ts';
import { createCacheLink } from './cache-calls.ts';
import { createLimitLink } from './limit-calls.ts';
import type { StoreAnswer, StoreCall, WorkerMessage } from './messages.ts';

/** A worker's way to the stores that the primary holds. */
export type PrimaryLink = {
  readonly limits: LendingStore;
  readonly values: KeyValueStore;
  readonly cache: SharedTier;
  /** To be called with each message of answers. */
  receive(answers: readonly { readonly id: number; readonly answer: StoreAnswer }[]): void;
  /** To be called with each message of the primary's cache. */
  hear(message: CacheMessage): void;
};

/** After which a call counts as failed: the primary is stuck or gone. */
const CALL_TIMEOUT_MS = 1_000;

type Waiting = {
  readonly resolve: (answer: StoreAnswer) => void;
  readonly reject: (error: Error) => void;
  readonly deadline: number;
};

/** All calls of one turn of the event loop travel in one message, so that a busy worker sends few. */
export function createPrimaryLink(send: (message: WorkerMessage) => void): PrimaryLink {
  const waiting = new Map<number, Waiting>();
  let outgoing: { id: number; call: StoreCall }[] = [];
  let nextId = 0;
  const flush = (): void => {
    const calls = outgoing;
    outgoing = [];
    send({ type: 'calls', calls });
  };
  const call = (request: StoreCall): Promise<StoreAnswer> =>
    new Promise((resolve, reject) => {
      const id = nextId++;
      waiting.set(id, { resolve, reject, deadline: performance.now() + CALL_TIMEOUT_MS });
      if (outgoing.push({ id, call: request }) === 1) setImmediate(flush);
    });
  // One timer for all calls: a timer for each would cost more than the call.
  setInterval(() => {
    const now = performance.now();
    for (const [id, { deadline, reject }] of waiting) {
      if (deadline > now) break;
      waiting.delete(id);
      reject(new Error('The primary process did not answer in time'));
    }
  }, CALL_TIMEOUT_MS / 4).unref();
  const cache = createCacheLink(call);
  const limits = createLimitLink(call);
  return {
    cache: cache.tier,
    hear: cache.hear,
    limits: limits.store,
    values: {
      get: async (key) => {
        const value = (await call({ method: 'get', key })) as Uint8Array | undefined;
        return value && Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      },
      set: async (key, value, lifetimeMs) => {
        await call({ method: 'set', key, value, lifetimeMs });
      },
      delete: async (key) => {
        await call({ method: 'delete', key });
      },
    },
    receive(answers) {
      for (const { id, answer } of answers) {
        const known = waiting.get(id);
        if (!known) limits.receiveLate(answer);
        known?.resolve(answer);
        waiting.delete(id);
      }
    },
  };
}
