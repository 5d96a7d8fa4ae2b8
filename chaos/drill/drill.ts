import type { Experiment } from '../experiment.ts';
import { createBreakOff, type BreakOff } from './break-off.ts';
import { SYSTEM_CLOCK, type Clock } from './clock.ts';
import { timingOf, type Timing } from './deadlines.ts';
import type { OnEvent } from './events.ts';
import { createTransport, type Transport } from './load/transport.ts';
import type { Pace, Stand } from './stand.ts';
import { findRed } from './steady.ts';

/** What a drill is made of. */
export type RunOptions = {
  readonly experiment: Experiment;
  /** Started, and closed by whoever started it. */
  readonly stand: Stand;
  readonly pace: Pace;
  /** Of the load: the same requests at the same moments. */
  readonly seed: number;
  /** Whether the stand runs without the protection that the experiment rehearses. Default: it runs with it. */
  readonly unprotected?: boolean;
  readonly onEvent?: OnEvent;
  /** Breaks the drill off: the fault is taken back, and the run ends as aborted. */
  readonly signal?: AbortSignal;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** What sends requests to the gateway. Default: HTTP to the stand's origin. */
  readonly transport?: Transport;
};

/** A drill, ready to run. */
export type Drill = {
  readonly experiment: Experiment;
  readonly stand: Stand;
  readonly pace: Pace;
  readonly timing: Timing;
  readonly seed: number;
  readonly clock: Clock;
  readonly transport: Transport;
  readonly breakOff: BreakOff;
  readonly emit: OnEvent;
  /** What is red of the steady state now. */
  readonly findRed: () => Promise<readonly string[]>;
  /** Waits until something is so, at most until a time, and not when the drill is broken off. */
  readonly until: (isSo: () => boolean, limit: number) => Promise<void>;
};

const GLANCE_MS = 100;

/** Puts together what the steps of a drill share. */
export function openDrill(options: RunOptions): Drill {
  const { experiment, stand, pace, seed, onEvent, signal, clock = SYSTEM_CLOCK } = options;
  const transport = options.transport ?? createTransport(stand.origin);
  const emit: OnEvent = (event) => {
    try {
      onEvent?.(event);
    } catch {
      // A view that breaks must not keep the fault from being taken back.
    }
  };
  const breakOff = createBreakOff(clock, emit, signal);
  return {
    experiment,
    stand,
    pace,
    seed,
    clock,
    transport,
    breakOff,
    emit,
    timing: timingOf(experiment, stand.service, pace),
    findRed: () => findRed({ experiment, stand, pace, transport, clock }),
    async until(isSo, limit) {
      while (!breakOff.signal.aborted && !isSo()) {
        const left = limit - clock.now();
        if (left <= 0) return;
        await clock.wait(Math.min(left, GLANCE_MS), breakOff.signal);
      }
    },
  };
}
