import type { OnEvent } from './events.ts';
import type { Clock } from './clock.ts';

/** What breaks a drill off, once and for all. */
export type BreakOff = {
  /** Aborted when the drill is broken off. */
  readonly signal: AbortSignal;
  /** Why it was; undefined: it was not. */
  reason(): string | undefined;
  because(reason: string): void;
};

/** A drill that goes on until somebody says otherwise: the drill itself, or a signal from outside. */
export function createBreakOff(clock: Clock, emit: OnEvent, outside: AbortSignal | undefined): BreakOff {
  const controller = new AbortController();
  let why: string | undefined;
  const because = (reason: string): void => {
    if (why !== undefined) return;
    why = reason;
    emit({ kind: 'aborting', at: clock.now(), reason });
    controller.abort();
  };
  const onOutside = (): void => because('it was told to stop');
  if (outside?.aborted === true) onOutside();
  outside?.addEventListener('abort', onOutside, { once: true });
  return { signal: controller.signal, reason: () => why, because };
}
