import { hostname } from 'node:os';
import type { Router } from 'express';
import type { LiveOptions } from '../live/index.ts';

/** What the live page is opened with. */
export type LivePageOptions = Omit<LiveOptions, 'pod'> & {
  /** Resolves when the gateway answers requests. */
  readonly ready: Promise<void>;
  /** Told why there is no page, or no snapshot: a page that draws must not end a gateway that answers. */
  readonly onError: (error: unknown) => void;
};

/**
 * The routes of the live page. They are loaded, and snapshots begin, once the gateway is ready: a cold start has no time
 * for them, and whoever asks before that waits for it. Rejects when they cannot be loaded.
 */
export async function openLivePage({ ready, onError, ...options }: LivePageOptions): Promise<Router> {
  await ready;
  try {
    return await load(options, onError);
  } catch (error) {
    onError(error);
    throw error;
  }
}

async function load(options: Omit<LiveOptions, 'pod'>, onError: LivePageOptions['onError']): Promise<Router> {
  const { createLive, createLiveRouter, INTERVAL_SECONDS } = await import('../live/index.ts');
  // In a pod, the name of the host is the name of the pod.
  const live = createLive({ ...options, pod: hostname() });
  const take = (): void => {
    try {
      live.take();
    } catch (error) {
      onError(error);
    }
  };
  take();
  setInterval(take, INTERVAL_SECONDS * 1000).unref();
  return createLiveRouter(live);
}
