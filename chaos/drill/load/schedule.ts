import { toPerSecond, type Rate } from '../../../service/definition/index.ts';
import type { Ask } from '../../experiment.ts';
import { seeded, seedOf } from './seeded.ts';

/** One request that is due: what is asked, the how many-th of its kind, and when, in milliseconds from the start. */
export type Arrival = { readonly ask: Ask; readonly n: number; readonly due: number };

/** The arrivals of a load in the order of time, without an end. */
export type Schedule = {
  /** When the next one is due, in milliseconds from the start; Infinity: nothing is asked. */
  nextDue(): number;
  /** Takes every arrival that is due by then. */
  take(until: number): readonly Arrival[];
};

/** How often what everybody asks for is asked, by all at once. */
const BURST_MS = 1000;

type Queue = { readonly ask: Ask; next: Arrival; readonly after: (n: number) => number };

/**
 * The schedule of a load. Each kind comes at its rate, however slow the answers are: one request in each slot of time,
 * at a moment within it that the seed decides, so that counts are exact and the kinds are never in step.
 * `search-same` comes in bursts, one a second, as clients that wait for the same event do.
 */
export function createSchedule(load: Partial<Readonly<Record<Ask, Rate>>>, seed: number): Schedule {
  const queues = Object.entries(load).map(([name, rate]): Queue => {
    const ask = name as Ask;
    const after = ask === 'search-same' ? bursts(rate) : spread(rate, seeded(seedOf(seed, ask)));
    return { ask, next: { ask, n: 0, due: after(0) }, after };
  });
  return {
    nextDue: () => Math.min(Infinity, ...queues.map(({ next }) => next.due)),
    take(until) {
      const due: Arrival[] = [];
      for (const queue of queues) {
        for (; queue.next.due <= until; queue.next = follow(queue)) due.push(queue.next);
      }
      return due.sort((a, b) => a.due - b.due);
    },
  };
}

function follow({ ask, next, after }: Queue): Arrival {
  const n = next.n + 1;
  return { ask, n, due: after(n) };
}

function spread(rate: Rate, random: () => number): (n: number) => number {
  const slot = 1000 / toPerSecond(rate);
  return (n) => (n + random()) * slot;
}

function bursts(rate: Rate): (n: number) => number {
  const size = Math.max(1, Math.round((toPerSecond(rate) * BURST_MS) / 1000));
  const pause = (size * 1000) / toPerSecond(rate);
  return (n) => Math.floor(n / size) * pause;
}
