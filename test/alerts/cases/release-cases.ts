import type { RELEASE_ALERTS } from '../../../alerts/release-alerts.ts';
import type { CasesOf } from '../rule-test.ts';
import { METRICS } from '../../../service/telemetry/catalogue.ts';
import { held, together } from '../samples.ts';
import { answers, FAILED, OK, told } from './inputs.ts';

const settings = ['release.guard.mode=act'];
const OLD = { pod_template_hash: '7d9f8' };
const NEW = { pod_template_hash: '5c4b6', pod: 'gateway-9' };
const LABELS = { pod_template_hash: '5c4b6' };

const FAST = { 0.1: 100 };

/** The guard watches the new release, all the time. */
const WATCHED = told(METRICS.releaseWatched, LABELS, held([20, 1]));

/** Situations of single releases. */
export const RELEASE_CASES: CasesOf<typeof RELEASE_ALERTS> = {
  ReleaseErrorsHigh: [
    {
      title: 'the new release fails five of a hundred requests, the old one none',
      settings,
      input: together(
        WATCHED,
        answers({ ...OK, ...OLD }, [[20, FAST]]),
        answers({ ...OK, ...NEW }, [[20, { 0.1: 95 }]]),
        answers({ ...FAILED, ...NEW }, [
          [5, {}],
          [5, { 0.1: 5 }],
          [10, {}],
        ]),
      ),
      before: '5m',
      at: '6m',
      fires: {
        labels: LABELS,
        description: 'Release 5c4b6 in sluice-prod fails 5% of its requests.',
      },
      over: '11m',
    },
    {
      title: 'it fails two of a hundred',
      settings,
      input: together(
        WATCHED,
        answers({ ...OK, ...NEW }, [[20, { 0.1: 98 }]]),
        answers({ ...FAILED, ...NEW }, [[20, { 0.1: 2 }]]),
      ),
      at: '10m',
    },
    {
      title: 'all of few requests fail',
      settings,
      input: together(WATCHED, answers({ ...FAILED, ...NEW }, [[20, { 0.1: 40 }]])),
      at: '10m',
    },
  ],
  ReleaseLatencyHigh: [
    {
      title: 'the new release is slow for ten of a hundred requests, the old one for none',
      settings,
      input: together(
        WATCHED,
        answers({ ...OK, ...OLD }, [[20, FAST]]),
        answers({ ...OK, ...NEW }, [
          [5, FAST],
          [5, { 0.1: 90, 0.5: 10 }],
          [10, FAST],
        ]),
      ),
      before: '5m',
      at: '6m',
      fires: {
        labels: LABELS,
        description: 'Release 5c4b6 in sluice-prod answers only 90% of its requests fast enough.',
      },
      over: '11m',
    },
    {
      title: 'all take just as long as they may',
      settings,
      input: together(WATCHED, answers({ ...OK, ...NEW }, [[20, { 0.3: 100 }]])),
      at: '10m',
    },
    {
      title: 'all of few requests are slow',
      settings,
      input: together(WATCHED, answers({ ...OK, ...NEW }, [[20, { 5: 40 }]])),
      at: '10m',
    },
  ],
};
