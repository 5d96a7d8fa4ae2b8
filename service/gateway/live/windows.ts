/** Seconds between two snapshots. */
export const INTERVAL_SECONDS = 5;

/** Seconds that rates look back. */
export const RATE_WINDOW_SECONDS = 30;

/** Seconds that conditions and limits look back: the last minute. */
export const CONDITION_WINDOW_SECONDS = 60;

/** A timer comes late at times: with so many seconds more, the snapshot that is as old as a window still counts. */
export const LATE_SECONDS = INTERVAL_SECONDS / 2;
