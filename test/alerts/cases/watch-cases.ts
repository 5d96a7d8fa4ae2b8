import type { WATCH_ALERTS } from '../../../alerts/watch-alerts.ts';
import { METRICS } from '../../../service/telemetry/catalogue.ts';
import type { CasesOf } from '../rule-test.ts';
import { held } from '../samples.ts';
import { told } from './inputs.ts';

const DAY = 86_400;
const settings = ['release.guard.mode=act', 'drills.enabled=true'];

/** Situations of what watches and rehearses. */
export const WATCH_CASES: CasesOf<typeof WATCH_ALERTS> = {
  DrillMissed: [
    {
      title: 'the last drill was six weeks ago, and two hours later one succeeds',
      settings,
      input: told(METRICS.drillLastSuccess, {}, held([120, -42 * DAY], [60, 7000])),
      before: '59m',
      at: '1h',
      fires: {
        labels: {},
        description:
          'The last drill that ended well in sluice-prod was 42d 1h 0m 0s ago; before the first, time counts from 1970.',
      },
      over: '2h2m',
    },
    {
      title: 'it was a month ago',
      settings,
      input: told(METRICS.drillLastSuccess, {}, held([180, -31 * DAY])),
      at: '2h',
    },
  ],
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
