import type { LANE_ALERTS } from '../../../alerts/lane-alerts.ts';
import { METRICS } from '../../../service/telemetry/catalogue.ts';
import type { CasesOf } from '../rule-test.ts';
import { counted } from '../samples.ts';
import { gauge } from './inputs.ts';

const CRITICAL = { lane: 'critical' };
const BACKGROUND = { lane: 'background' };
const FULL = { reason: 'queue-full' };

/** Situations in which the gateway has no room. */
export const LANE_CASES: CasesOf<typeof LANE_ALERTS> = {
  RequestsShed: [
    {
      title: 'three critical requests of each scrape are refused for twenty minutes',
      input: gauge(METRICS.shed, { ...CRITICAL, ...FULL }, counted([2, 0], [20, 3], [20, 0])),
      before: '6m15s',
      at: '15m',
      fires: {
        labels: CRITICAL,
        description: '0.20 critical requests a second are refused with 503 in sluice-prod.',
      },
      over: '26m',
    },
    {
      title: 'one is refused now and then',
      input: gauge(METRICS.shed, { ...CRITICAL, ...FULL }, counted([15, 1])),
      at: '12m',
    },
    {
      title: 'many were refused at once and none since',
      input: gauge(METRICS.shed, { ...CRITICAL, ...FULL }, counted([2, 0], [0.25, 90], [20, 0])),
      at: '9m',
    },
    {
      title: 'background gives way',
      input: gauge(METRICS.shed, { ...BACKGROUND, ...FULL }, counted([15, 300])),
      at: '12m',
    },
  ],
  BackgroundShed: [
    {
      title: 'three background requests of each scrape are refused for half an hour',
      input: gauge(METRICS.shed, { ...BACKGROUND, ...FULL }, counted([2, 0], [30, 3], [20, 0])),
      before: '19m15s',
      at: '25m',
      fires: {
        labels: BACKGROUND,
        description:
          '0.20 background requests a second have been refused with 503 in sluice-prod for a quarter of an hour.',
      },
      over: '36m',
    },
    {
      title: 'it gives way for ten minutes',
      input: gauge(METRICS.shed, { ...BACKGROUND, ...FULL }, counted([2, 0], [10, 300], [20, 0])),
      at: '17m',
    },
  ],
};
