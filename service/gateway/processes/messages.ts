import type { LimitCheck, LimitVerdict } from '../../limit/index.ts';

/** A call of a worker to a store that the primary holds. */
export type StoreCall =
  | { readonly method: 'take'; readonly checks: readonly LimitCheck[] }
  | { readonly method: 'get'; readonly key: string }
  | { readonly method: 'set'; readonly key: string; readonly value: Uint8Array; readonly lifetimeMs: number }
  | { readonly method: 'delete'; readonly key: string };

/** What a store call answers, by its method. */
export type StoreAnswer = LimitVerdict | Uint8Array | undefined;

/** What a worker tells the primary. */
export type WorkerMessage =
  | { readonly type: 'listening' }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'cells'; readonly values: Float64Array }
  | { readonly type: 'calls'; readonly calls: readonly { readonly id: number; readonly call: StoreCall }[] };

/** What the primary tells a worker. */
export type PrimaryMessage =
  /** Ask clients to connect elsewhere, and go on answering. */
  | { readonly type: 'drain' }
  /** Take nothing new, finish, exit. */
  | { readonly type: 'stop' }
  | { readonly type: 'answers'; readonly answers: readonly { readonly id: number; readonly answer: StoreAnswer }[] };
