/**
 * What one limit remembers of one caller. `look` first: the other members speak of the time and limit it was given.
 * Times are whole microseconds of one clock.
 */
export type LimitCell = {
  /** Requests that the limit would admit now, after `look` and what was taken since. */
  readonly left: number;
  /** Brings the cell up to a time and a limit; returns `left`. */
  look(timeUs: number, limit: number): number;
  /** Charges one; only where one was left. */
  take(): void;
  /** Microseconds until one more than `left` is left, or `more` where amounts are counted; 0 when nothing is used. */
  resetUs(more?: number): number;
};
