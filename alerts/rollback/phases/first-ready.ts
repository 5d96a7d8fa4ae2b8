import type { Facts } from '../facts.ts';
import type { Watch } from '../state.ts';

/** The watch with the time of its first Ready pod, by the guard's own clock; the very same one where that is not news. */
export function withFirstReady(watch: Watch, { now, revisions }: Facts): Watch {
  const isReady = revisions.some(({ hash, ready }) => hash === watch.hash && ready > 0);
  return watch.firstReadyAt === undefined && isReady ? { ...watch, firstReadyAt: now } : watch;
}
