import { toMilliseconds, type Lane, type LaneSettings } from '../../definition/index.ts';
import { fixedConcurrency, type ConcurrencyLimit } from '../concurrency-limit.ts';
import { shareOf } from '../share.ts';
import { DrainEstimate } from './drain-estimate.ts';
import { WaitingLine, type Waiting } from './waiting-line.ts';

/** What one lane of a worker holds, and how much it may; places of the type `P` wait in it. */
export class LaneState<P extends Waiting<P>> {
  readonly name: Lane;
  readonly drop: LaneSettings['drop'];
  readonly maxWaitMs: number;
  /** Requests that may wait. */
  readonly queue: number;
  /** Requests in flight, over all lanes, from which on this lane takes in no more. */
  readonly ceiling: number;
  readonly line = new WaitingLine<P>();
  readonly drain = new DrainEstimate();
  working = 0;
  timer: NodeJS.Timeout | undefined;
  readonly observed: ConcurrencyLimit;
  readonly #most: number;

  constructor(name: Lane, settings: LaneSettings, workers: number, ceiling: number, limit?: ConcurrencyLimit) {
    this.name = name;
    this.drop = settings.drop;
    this.maxWaitMs = toMilliseconds(settings.maxWait);
    // A worker needs no queue to be of use, so that its share may be none.
    this.queue = Math.floor(settings.queue / workers);
    this.ceiling = ceiling;
    this.#most = shareOf(settings.concurrency, workers);
    this.observed = limit ?? fixedConcurrency(this.#most);
  }

  /** Requests at work at once, now: what the limit says, between 1 and the worker's share of the lane's concurrency. */
  get limit(): number {
    const { current } = this.observed;
    return current >= 1 ? Math.min(current, this.#most) : 1;
  }

  /** Who of those that wait gives way when one has to. */
  get toDisplace(): P | undefined {
    return this.drop === 'oldest' ? this.line.head : this.line.tail;
  }
}
