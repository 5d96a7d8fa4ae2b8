import type { ENDING_ALERTS } from '../../../alerts/ending-alerts.ts';
import { METRICS } from '../../../service/telemetry/catalogue.ts';
import type { CasesOf } from '../rule-test.ts';
import { held, together, type InputSeries } from '../samples.ts';
import { told } from './inputs.ts';

const settings = ['release.guard.mode=act'];
const SECOND = { pod: 'guard-2' };

/** A guard that tells of an ending from the second minute on, and from the twelfth of another release. */
const ended = (outcome: string): InputSeries =>
  together(
    told(METRICS.releaseOutcome, { outcome }, held([2, 0], [10, 1], [10, 0])),
    told(METRICS.releaseOutcome, { outcome: 'proven' }, held([2, 0], [10, 0], [10, 1])),
  );

/** Endings that are somebody else's, or nobody's. */
const others = (...outcomes: readonly string[]): InputSeries =>
  together(...outcomes.map((outcome) => told(METRICS.releaseOutcome, { outcome }, held([10, 1]))));

/** Situations of how releases end. */
export const ENDING_CASES: CasesOf<typeof ENDING_ALERTS> = {
  ReleaseRestored: [
    {
      title: 'the newest release was restored, until the next one is proven',
      settings,
      input: ended('restored'),
      at: '2m15s',
      fires: {
        labels: { outcome: 'restored' },
        description: 'The guard ended with the newest release in sluice-prod: restored.',
      },
      over: '13m30s',
    },
    {
      title: 'another guard tells of it, which leads half a minute after the first one is gone',
      settings,
      input: together(
        told(METRICS.releaseOutcome, { outcome: 'restored' }, '1x11 stale'),
        told(METRICS.releaseOutcome, { outcome: 'restored', ...SECOND }, held([3.5, 0], [10, 1])),
      ),
      at: '3m15s',
      fires: {
        labels: { outcome: 'restored' },
        description: 'The guard ended with the newest release in sluice-prod: restored.',
      },
    },
    {
      title: 'it was proven, took the place of another, or failed to be',
      settings,
      input: others('proven', 'superseded', 'failed'),
      at: '5m',
    },
  ],
  ReleaseNotRestored: [
    {
      title: 'the release before did not come up in time, until another one is proven',
      settings,
      input: ended('failed'),
      at: '2m15s',
      fires: {
        labels: { outcome: 'failed' },
        description:
          'The guard ordered the release before in sluice-prod, and its pods were not Ready in time: failed.',
      },
      over: '13m30s',
    },
    {
      title: 'it came up',
      settings,
      input: others('restored', 'proven'),
      at: '5m',
    },
  ],
  ReleaseNeedsPeople: [
    ...['refused', 'inconclusive', 'dry-run'].map((outcome) => ({
      title: `the guard left a release to people: ${outcome}`,
      settings,
      input: ended(outcome),
      at: '2m15s',
      fires: {
        labels: { outcome },
        description: `The newest release in sluice-prod goes on serving, and people must look at it: ${outcome}.`,
      },
      over: '13m30s',
    })),
    {
      title: 'nothing is left to people',
      settings,
      input: others('proven', 'superseded', 'restored', 'failed'),
      at: '5m',
    },
  ],
};
