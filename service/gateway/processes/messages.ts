import type { CacheMessage } from '../../cache/index.ts';
import type { BreakerRow } from '../../resilience/index.ts';
import type { Exemplar } from '../../telemetry/exemplars.ts';
import type { Invalidation } from '../admin.ts';
import type { CacheAnswer, CacheCall } from './cache-calls.ts';
import type { LimitAnswer, LimitCall } from './limit-calls.ts';

/** A call of a worker to a store that the primary holds. */
export type StoreCall =
  | CacheCall
  | LimitCall
  | { readonly method: 'get'; readonly key: string }
  | { readonly method: 'set'; readonly key: string; readonly value: Uint8Array; readonly lifetimeMs: number }
  | { readonly method: 'delete'; readonly key: string };

/** What a store call answers, by its method. */
export type StoreAnswer = CacheAnswer | LimitAnswer | Uint8Array | undefined;

/** What a worker tells the primary. */
export type WorkerMessage =
  | { readonly type: 'listening' }
  | { readonly type: 'failed'; readonly reason: string }
  | {
      readonly type: 'report';
      readonly cells: Float64Array;
      /** Those since the last report. */
      readonly exemplars: readonly Exemplar[];
      readonly breakers: readonly BreakerRow[];
    }
  | { readonly type: 'calls'; readonly calls: readonly { readonly id: number; readonly call: StoreCall }[] };

/** What the primary tells a worker. */
export type PrimaryMessage =
  /** What the primary's shared tier of the caches has to say to all. */
  | { readonly type: 'cache'; readonly message: CacheMessage }
  | { readonly type: 'set-breaker'; readonly name: string; readonly state: 'closed' | 'open' }
  /** Forget answers, here and wherever the cache is shared. */
  | { readonly type: 'invalidate'; readonly what: Invalidation }
  | { readonly type: 'log-level'; readonly level: string }
  /** Ask clients to connect elsewhere, and go on answering. */
  | { readonly type: 'drain' }
  /** Take nothing new, finish, exit. */
  | { readonly type: 'stop' }
  | { readonly type: 'answers'; readonly answers: readonly { readonly id: number; readonly answer: StoreAnswer }[] };
