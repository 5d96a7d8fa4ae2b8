import { toFraction, toMilliseconds, type Lane, type LaneSettings } from '../../definition/index.ts';
import { fixedConcurrency, type ConcurrencyLimit } from '../concurrency-limit.ts';
import { callersOf, partOf, shareOf } from '../share.ts';
import { DrainEstimate } from './drain-estimate.ts';
import { WaitingLine, type Waiting } from './waiting-line.ts';

/** Who waits in a lane. */
export type LaneGuest<P> = Waiting<P> & {
  /** Whether it will call the upstream. */
  readonly upstream: boolean;
  /** Rises with each that begins to wait. */
  arrival: number;
};

/**
 * What one lane of a worker holds, and how much it may; places of the type `P` wait in it. Those that will call the
 * upstream stand in a line of their own, so that they block nobody else while their share is full.
 */
export class LaneState<P extends LaneGuest<P>> {
  readonly name: Lane;
  readonly drop: LaneSettings['drop'];
  readonly maxWaitMs: number;
  /** Requests that may wait. */
  readonly queue: number;
  /** Requests in flight, over all lanes, from which on this lane takes in no more. */
  readonly ceiling: number;
  readonly drain = new DrainEstimate();
  working = 0;
  /** Of those at work, the ones that call the upstream. */
  calling = 0;
  timer: NodeJS.Timeout | undefined;
  readonly observed: ConcurrencyLimit;
  readonly #most: number;
  readonly #share: number;
  /** Requests without upstream for which those that call it make room in the queue. */
  readonly #kept: number;
  readonly #line = new WaitingLine<P>();
  readonly #callers = new WaitingLine<P>();
  #arrivals = 0;

  constructor(name: Lane, settings: LaneSettings, workers: number, ceiling: number, limit?: ConcurrencyLimit) {
    this.name = name;
    this.drop = settings.drop;
    this.maxWaitMs = toMilliseconds(settings.maxWait);
    // A worker needs no queue to be of use, so that its share may be none.
    this.queue = Math.floor(settings.queue / workers);
    this.ceiling = ceiling;
    this.#most = shareOf(settings.concurrency, workers);
    this.#share = toFraction(settings.upstream);
    this.#kept = this.queue - partOf(this.queue, this.#share);
    this.observed = limit ?? fixedConcurrency(this.#most);
  }

  /** Requests at work at once, now: what the limit says, between 1 and the worker's share of the lane's concurrency. */
  get limit(): number {
    const { current } = this.observed;
    return current >= 1 ? Math.min(current, this.#most) : 1;
  }

  /** How many more may begin, some of them perhaps only without upstream. */
  get free(): number {
    return Math.max(0, this.limit - this.working);
  }

  /** How many wait. */
  get waiting(): number {
    return this.#line.size + this.#callers.size;
  }

  /** Who has waited longest. */
  get oldest(): P | undefined {
    const [one, other] = [this.#line.head, this.#callers.head];
    return one && other ? (one.arrival < other.arrival ? one : other) : (one ?? other);
  }

  /** Who begins next: of those that may now, the one that came first. */
  get next(): P | undefined {
    if (this.waiting === 0 || !this.hasRoom(false)) return undefined;
    return this.#callers.head && this.hasRoom(true) ? this.oldest : this.#line.head;
  }

  /** Who of those that wait gives way to another lane. */
  get toDisplace(): P | undefined {
    return this.drop === 'oldest' ? this.oldest : this.#newest;
  }

  /** Who of those that wait for the upstream gives way to a request that needs none. */
  get callerToDisplace(): P | undefined {
    return this.drop === 'oldest' ? this.#callers.head : this.#callers.tail;
  }

  /** Whether one more may begin. */
  hasRoom(upstream: boolean): boolean {
    const { limit } = this;
    return this.working < limit && (!upstream || this.calling < callersOf(limit, this.#share));
  }

  /** Who gives way to one that comes and has to wait as well; undefined where that one is refused. */
  toReplace(upstream: boolean): P | undefined {
    if (!upstream && this.#line.size < this.#kept && this.#callers.head) return this.callerToDisplace;
    if (this.drop === 'newest') return undefined;
    return upstream && this.#line.size <= this.#kept ? this.#callers.head : this.oldest;
  }

  /** Begins to wait. */
  join(one: P): void {
    one.arrival = this.#arrivals++;
    this.#lineOf(one).join(one);
  }

  /** No longer waits. */
  leave(one: P): void {
    this.#lineOf(one).leave(one);
  }

  get #newest(): P | undefined {
    const [one, other] = [this.#line.tail, this.#callers.tail];
    return one && other ? (one.arrival > other.arrival ? one : other) : (one ?? other);
  }

  #lineOf({ upstream }: P): WaitingLine<P> {
    return upstream ? this.#callers : this.#line;
  }
}
