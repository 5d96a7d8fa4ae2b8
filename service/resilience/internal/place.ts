import type { Permit, Refusal } from '../permit.ts';
import type { LaneGuest, LaneState } from './lane-state.ts';

/** Who keeps the places. */
export type PlaceKeeper = {
  observe(place: Place, dropped: boolean): void;
  becomeStream(place: Place): Refusal | undefined;
  release(place: Place): void;
};

/** A permit, and the link in its lane's line while it waits. */
export class Place implements Permit, LaneGuest<Place> {
  readonly lane: LaneState<Place>;
  readonly upstream: boolean;
  readonly #keeper: PlaceKeeper;
  before: Place | undefined = undefined;
  behind: Place | undefined = undefined;
  arrival = 0;
  state: 'waiting' | 'working' | 'streaming' | 'over' = 'waiting';
  turn: Promise<Refusal | undefined> | undefined = undefined;
  /** When it may wait no longer. */
  expiresAt = 0;
  /** When it began to work, or to stream. */
  startedAt = 0;
  /** How many were at work in the lane once it was. */
  together = 0;
  observed = false;
  #answer: ((refusal: Refusal | undefined) => void) | undefined = undefined;
  #fail: ((reason: unknown) => void) | undefined = undefined;
  #signal: AbortSignal | undefined = undefined;

  constructor(keeper: PlaceKeeper, lane: LaneState<Place>, upstream: boolean) {
    this.#keeper = keeper;
    this.lane = lane;
    this.upstream = upstream;
  }

  /** Begins to wait; an abort gives the place back at once. */
  wait(signal: AbortSignal): void {
    this.turn = new Promise((resolve, reject) => {
      this.#answer = resolve;
      this.#fail = reject;
    });
    this.#signal = signal;
    signal.addEventListener('abort', this.#leave, { once: true });
  }

  /** Ends the wait: with a refusal, or with undefined for its turn. */
  answer(refusal: Refusal | undefined): void {
    this.#signal?.removeEventListener('abort', this.#leave);
    this.#answer?.(refusal);
  }

  /** Ends the wait without a turn. */
  giveUp(): void {
    this.#signal?.removeEventListener('abort', this.#leave);
    const over = new DOMException('The request is over', 'AbortError');
    this.#fail?.(this.#signal?.aborted === true ? this.#signal.reason : over);
  }

  observe(dropped: boolean): void {
    this.#keeper.observe(this, dropped);
  }

  becomeStream(): Refusal | undefined {
    return this.#keeper.becomeStream(this);
  }

  release(): void {
    this.#keeper.release(this);
  }

  readonly #leave = (): void => this.release();
}
