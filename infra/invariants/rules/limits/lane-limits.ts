import { LANES, type Lane, type Service } from '../../../../service/definition/index.ts';
import { BACKGROUND_CEILING } from '../../../../service/resilience/lanes.ts';
import type { Comparison, Quantity } from '../../comparison.ts';

/** What a pod takes in over all lanes against what each lane does, so that every one of the numbers can be reached. */
export function laneLimits({ resilience }: Service): Comparison[] {
  const { maxInFlight, lanes } = resilience;
  const parts = LANES.map((lane) => `${lanes[lane].concurrency} + ${lanes[lane].queue} ${lane}`);
  const together = LANES.reduce((sum, lane) => sum + lanes[lane].concurrency + lanes[lane].queue, 0);
  return [
    {
      path: 'resilience.maxInFlight',
      left: { value: maxInFlight, text: `${maxInFlight} resilience.maxInFlight` },
      required: '<',
      right: { value: together, text: `${parts.join(' + ')} = ${together} that the lanes take in anyway` },
      unit: 'requests',
      fixes: [[`resilience.maxInFlight=${together - 1}`]],
    },
    ...LANES.flatMap((lane) => ofLane(lane, resilience)),
  ];
}

function ofLane(lane: Lane, resilience: Service['resilience']): Comparison[] {
  const { concurrency, queue } = resilience.lanes[lane];
  const adaptive = resilience.concurrency === 'adaptive';
  const least = adaptive ? Math.min(resilience.minConcurrency, concurrency) : concurrency;
  const ceiling = ceilingOf(lane, resilience.maxInFlight);
  const waiting = Math.max(0, ceiling.value - least);
  const path = `resilience.lanes.${lane}`;
  return [
    {
      path: `${path}.concurrency`,
      left: { value: concurrency, text: `${concurrency} ${path}.concurrency` },
      required: '<=',
      right: ceiling,
      unit: 'requests',
      fixes: [
        [`${path}.concurrency=${ceiling.value}`, ...(adaptive ? [] : [`${path}.queue=0`])],
        [`resilience.maxInFlight=${admitting(lane, concurrency + queue)}`],
      ],
    },
    {
      path: `${path}.queue`,
      left: { value: queue, text: `${queue} ${path}.queue` },
      required: '<=',
      right: {
        value: waiting,
        text: `${ceiling.text} − ${least} worked on${adaptive ? ' at least' : ''} = ${waiting} that can ever wait`,
      },
      unit: 'requests',
      fixes: [[`${path}.queue=${waiting}`], [`resilience.maxInFlight=${admitting(lane, least + queue)}`]],
    },
  ];
}

/** Requests of a lane that a pod has in flight at most. */
function ceilingOf(lane: Lane, maxInFlight: number): Quantity {
  if (lane === 'critical') return { value: maxInFlight, text: `${maxInFlight} resilience.maxInFlight` };
  const value = Math.floor(maxInFlight * BACKGROUND_CEILING);
  return { value, text: `${value} (${BACKGROUND_CEILING * 100} % of ${maxInFlight} resilience.maxInFlight)` };
}

/** What a pod must take in over all lanes to have so many requests of one. */
function admitting(lane: Lane, requests: number): number {
  return lane === 'critical' ? requests : Math.ceil(requests / BACKGROUND_CEILING);
}
