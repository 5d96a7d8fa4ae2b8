import type { LimitPolicy } from '../policy.ts';

/** How time is divided for amounts that are counted together. */
export type Slots = {
  /** The slot of a time in microseconds. */
  at(timeUs: number): number;
  /** The first slot that is still counted in the slot `current`. */
  first(current: number): number;
  /** When a slot is counted no more, in microseconds. */
  leavesUs(slot: number): number;
};

/** Slots of a sliding window. What lies in the oldest of them counts until all of it has left the window. */
export const SLOTS = 60;

/** The slots of a limit of amounts; a month's are those of the calendar, so its times are since 1970. */
export function slotsOf({ kind, spanUs }: Pick<LimitPolicy, 'kind' | 'spanUs'>): Slots {
  return kind === 'month' ? MONTHS : slidingSlots(spanUs);
}

function slidingSlots(spanUs: number): Slots {
  const width = slotWidthUs(spanUs);
  return {
    at: (timeUs) => Math.floor(timeUs / width),
    first: (current) => current - SLOTS,
    leavesUs: (slot) => (slot + SLOTS + 1) * width,
  };
}

/** Width of a slot of a window, in whole microseconds. */
export function slotWidthUs(spanUs: number): number {
  return Math.max(1, Math.ceil(spanUs / SLOTS));
}

const MONTHS: Slots = {
  at(timeUs) {
    const date = new Date(timeUs / 1000);
    return date.getUTCFullYear() * 12 + date.getUTCMonth();
  },
  first: (current) => current,
  leavesUs: (slot) => Date.UTC(Math.floor(slot / 12), (slot % 12) + 1) * 1000,
};
