import { randomBytes } from 'node:crypto';
import { toMilliseconds, type CacheSettings } from '../definition/index.ts';
import type { LeaseStore } from './shared-tier.ts';

/** Settings of the warm-up. */
export type WarmUpOptions = {
  readonly settings: CacheSettings['warmUp'];
  /** Where processes agree who does it. */
  readonly leases: LeaseStore;
  /** Fetches a path as a client would, so that its answer is kept; answers the status. Should obey the signal. */
  readonly fetch: (path: string, signal: AbortSignal) => Promise<number>;
  /** Takes a line of the log: one at the begin, at most one each second, one at the end of each round. */
  readonly log: (fields: Readonly<Record<string, number>>, message: string) => void;
  /** Told when the leases do not answer; the round is tried again later. */
  readonly onError: (error: unknown) => void;
  /** Monotonic clock in milliseconds; default performance.now. */
  readonly now?: () => number;
};

/** What one round came to. */
export type WarmUpCounts = { readonly done: number; readonly failed: number; readonly total: number };

const LEASE = 'warm-up';
const LINE_INTERVAL_MS = 1_000;
const RETRY_MS = 10_000;

/**
 * Fetches the paths now, and then as often as `every`, until the answer is called. One process does each round: whoever
 * takes the lease, which lasts until the next round. Without paths nothing happens.
 */
export function startWarmUp(options: WarmUpOptions): () => void {
  const { settings, leases, onError, now = () => performance.now() } = options;
  const stopped = new AbortController();
  const owner = randomBytes(12).toString('base64url');
  const everyMs = toMilliseconds(settings.every);
  let timer: NodeJS.Timeout | undefined;
  const again = (ms: number): void => {
    if (stopped.signal.aborted) return;
    timer = setTimeout(() => void attempt(), ms);
    timer.unref();
  };
  const attempt = async (): Promise<void> => {
    try {
      const nextAt = now() + everyMs;
      const leftMs = await leases.take(LEASE, owner, everyMs);
      if (leftMs === 0) await warmUp(options, stopped.signal);
      again(leftMs === 0 ? Math.max(0, nextAt - now()) : leftMs);
    } catch (error) {
      onError(error);
      again(Math.min(everyMs, RETRY_MS));
    }
  };
  if (settings.paths.length > 0) void attempt();
  return () => {
    stopped.abort();
    clearTimeout(timer);
  };
}

/** One round. A path that fails is counted and holds up nothing. */
export async function warmUp(
  { settings, fetch, log, now = () => performance.now() }: Omit<WarmUpOptions, 'leases' | 'onError'>,
  signal: AbortSignal,
): Promise<WarmUpCounts> {
  const { paths, concurrency } = settings;
  const total = paths.length;
  const beganAt = now();
  let [next, done, failed, toldAt] = [0, 0, 0, beganAt];
  log({ total, concurrency }, 'cache warm-up begins');
  const work = async (): Promise<void> => {
    for (let path = paths[next++]; path !== undefined && !signal.aborted; path = paths[next++]) {
      const status = await fetch(path, signal).catch(() => 0);
      if (status >= 200 && status < 400) done++;
      else failed++;
      if (now() - toldAt < LINE_INTERVAL_MS) continue;
      toldAt = now();
      log({ done, failed, total }, 'cache warm-up goes on');
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, total) }, work));
  log({ done, failed, total, duration_ms: Math.round(now() - beganAt) }, 'cache warm-up ends');
  return { done, failed, total };
}
