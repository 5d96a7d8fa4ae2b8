import type { WATCH_ALERTS } from '../../../alerts/watch-alerts.ts';
import type { CasesOf } from '../rule-test.ts';

/** Situations of what watches. */
export const WATCH_CASES: CasesOf<typeof WATCH_ALERTS> = {
  Watchdog: [
    {
      title: 'whatever there is to see',
      input: {},
      at: '1m',
      fires: {
        labels: {},
        description: 'Always fires, with the value 1: whoever waits for it and does not get it must act.',
      },
    },
  ],
};
