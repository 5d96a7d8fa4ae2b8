import { toMilliseconds } from '../../../service/definition/index.ts';
import { compared } from '../comparison.ts';
import type { Invariant } from '../finding.ts';
import { rounded, seconds, timeOf } from '../time.ts';
import { arrivals, probesFilling } from './release-time.ts';

/** A release can be judged in the quietest hour too: the window holds the minimum sample, and two scrapes. */
export const sampleFloor: Invariant = {
  id: 'sample-floor',
  layers: ['traffic', 'metrics', 'alerts'],
  reason:
    'A rule that waits for a hundred requests never judges a release that meets fifty: a bad one made at night passes ' +
    'as good, and is the one that a rollback returns to. A lower minimum withdraws good ones by chance.',
  formula: 'window × requests in the quietest hour, with probes ≥ least sample; window ≥ 2 × scrape',
  example: { settings: ['release.minimumSample=100000'] },
  ...compared((service) => {
    const { release, monitoring } = service;
    const window = timeOf('release.window', release.window);
    const scrape = toMilliseconds(monitoring.scrapeInterval);
    const { value, text } = arrivals(service);
    const reached = (window.value / 1000) * value;
    const twice = 2 * scrape;
    return [
      {
        path: 'release.minimumSample',
        left: {
          value: reached,
          text: `${window.text} × (${text}) = ${rounded(reached)} requests`,
        },
        required: '>=',
        right: { value: release.minimumSample, text: `${release.minimumSample} release.minimumSample` },
        unit: 'requests',
        fixes: [
          probesFilling(service, window.value),
          [`release.window=${seconds(Math.ceil(release.minimumSample / value) * 1000)}`],
        ],
      },
      {
        path: 'release.window',
        left: window,
        required: '>=',
        right: {
          value: twice,
          text: `2 × ${seconds(scrape)} monitoring.scrapeInterval, without which there is no rate`,
        },
        unit: 'ms',
        fixes: [[`release.window=${seconds(twice)}`], [`monitoring.scrapeInterval=${seconds(window.value / 2)}`]],
      },
    ];
  }),
};
