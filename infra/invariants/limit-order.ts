import type { Service } from '../../service/definition/index.ts';
import { brokenComparisons } from './comparison.ts';
import type { Invariant } from './finding.ts';
import { overbooked, peakRefused } from './limit-promises.ts';
import { deadLimits } from './route-limits.ts';

/**
 * Of limits that hold the same request, each denies something that no other does, and none breaks what another
 * promises:
 * - a route's limit binds for at least one kind of caller, and so does a caller's number of requests in flight;
 * - what everyone may do together holds what a single caller is promised, and the declared peak;
 * - a lane's numbers can be reached below what a pod takes in over all lanes, and that number below theirs.
 * A tier's own limit of a route may be as wide as it likes: so a tier is freed from the route's.
 */
export const limitOrder: Invariant = {
  id: 'limit-order',
  layers: ['traffic', 'gateway'],
  reason:
    'A limit that others always reach first looks like protection and is none: whoever counts on it learns so in an ' +
    'incident. And a promise to one caller that the limit of all cannot keep is broken by that caller alone, for everyone.',
  formula: 'each limit < what the limits around it let through; limit of all ≥ what a caller is promised, and the peak',
  example: { settings: ['resilience.maxInFlight=100000'] },
  compare: lanes,
  check: (service) => [
    ...deadLimits(service),
    ...overbooked(service),
    ...peakRefused(service),
    ...brokenComparisons(lanes(service)),
  ],
};

function lanes({ resilience }: Service): Parameters<typeof brokenComparisons>[0] {
  const { maxInFlight, minConcurrency, concurrency: kind } = resilience;
  const taken = { value: maxInFlight, text: `${maxInFlight} resilience.maxInFlight` };
  const each = Object.entries(resilience.lanes);
  const together = each.reduce((sum, [, { concurrency, queue }]) => sum + concurrency + queue, 0);
  return [
    {
      path: 'resilience.maxInFlight',
      left: taken,
      required: '<',
      right: {
        value: together,
        text: `${each.map(([lane, { concurrency, queue }]) => `${concurrency} + ${queue} ${lane}`).join(' + ')} = ${together} that the lanes take in anyway`,
      },
      unit: 'requests',
      fixes: [[`resilience.maxInFlight=${together - 1}`]],
    },
    ...each.flatMap(([lane, { concurrency, queue }]): Parameters<typeof brokenComparisons>[0] => {
      const least = kind === 'adaptive' ? Math.min(minConcurrency, concurrency) : concurrency;
      const waiting = Math.max(0, maxInFlight - least);
      const worked = `${least} ${kind === 'adaptive' ? 'worked on at least' : 'worked on'}`;
      return [
        {
          path: `resilience.lanes.${lane}.concurrency`,
          left: { value: concurrency, text: `${concurrency} resilience.lanes.${lane}.concurrency` },
          required: '<=',
          right: taken,
          unit: 'requests',
          fixes: [
            [
              `resilience.lanes.${lane}.concurrency=${maxInFlight}`,
              ...(kind === 'fixed' ? [`resilience.lanes.${lane}.queue=0`] : []),
            ],
            [`resilience.maxInFlight=${concurrency + queue}`],
          ],
        },
        {
          path: `resilience.lanes.${lane}.queue`,
          left: { value: queue, text: `${queue} resilience.lanes.${lane}.queue` },
          required: '<=',
          right: { value: waiting, text: `${taken.text} − ${worked} = ${waiting} that can ever wait` },
          unit: 'requests',
          fixes: [[`resilience.lanes.${lane}.queue=${waiting}`], [`resilience.maxInFlight=${least + queue}`]],
        },
      ];
    }),
  ];
}
