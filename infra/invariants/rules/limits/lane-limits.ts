import { LANES, toFraction, type Lane, type Service } from '../../../../service/definition/index.ts';
import { BACKGROUND_CEILING } from '../../../../service/resilience/lanes.ts';
import { callersOf, shareOf } from '../../../../service/resilience/share.ts';
import type { Comparison, Quantity } from '../../comparison.ts';

/** What a pod takes in over all lanes against what each lane does, so that every one of the numbers can be reached. */
export function laneLimits(service: Service): Comparison[] {
  const { resilience } = service;
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
    heldStreams(service),
    ...LANES.flatMap((lane) => [...ofLane(lane, resilience), ...keptPlaces(lane, service)]),
  ];
}

/** Streams of a worker against its connections for them: one is left over to ask for what is refused at once. */
function heldStreams({ resilience, gateway, upstream }: Service): Comparison {
  const streams = shareOf(resilience.maxStreams, gateway.workers);
  const { streamConnections } = upstream;
  return {
    path: 'resilience.maxStreams',
    left: {
      value: streams,
      text: `${streams} of a worker (${resilience.maxStreams} resilience.maxStreams, ${gateway.workers} gateway.workers)`,
    },
    required: '<',
    right: { value: streamConnections, text: `${streamConnections} upstream.streamConnections` },
    unit: 'connections',
    fixes: [[`upstream.streamConnections=${streams + 1}`]],
  };
}

/** What a lane keeps for requests without upstream, where it serves both kinds and few places are left to a worker. */
function keptPlaces(lane: Lane, { resilience, gateway, routes }: Service): Comparison[] {
  const { upstream } = resilience.lanes[lane];
  const kinds = new Set(
    Object.values(routes)
      .filter((route) => route.limited && route.lane === lane)
      .map((route) => route.upstream === true),
  );
  if (kinds.size < 2 || toFraction(upstream) === 1) return [];
  const path = `resilience.lanes.${lane}`;
  const places = shareOf(leastOf(lane, resilience), gateway.workers);
  const callers = callersOf(places, toFraction(upstream));
  const enough = 2 * gateway.workers;
  const more =
    resilience.concurrency === 'adaptive'
      ? [`resilience.minConcurrency=${enough}`, ...tooFew(path, resilience.lanes[lane].concurrency, enough)]
      : [`${path}.concurrency=${enough}`];
  return [
    {
      path: `${path}.upstream`,
      left: {
        value: callers,
        text: `${callers} in a worker that may call the upstream (${upstream} ${path}.upstream)`,
      },
      required: '<',
      right: { value: places, text: `${places} that it works on at least` },
      unit: 'requests',
      fixes: [more, [`${path}.upstream=100%`]],
    },
  ];
}

function tooFew(path: string, concurrency: number, enough: number): string[] {
  return concurrency < enough ? [`${path}.concurrency=${enough}`] : [];
}

/** The fewest requests of a lane that a pod works on at once. */
function leastOf(lane: Lane, { concurrency, minConcurrency, lanes }: Service['resilience']): number {
  const most = lanes[lane].concurrency;
  return concurrency === 'adaptive' ? Math.min(minConcurrency, most) : most;
}

function ofLane(lane: Lane, resilience: Service['resilience']): Comparison[] {
  const { concurrency, queue } = resilience.lanes[lane];
  const adaptive = resilience.concurrency === 'adaptive';
  const least = leastOf(lane, resilience);
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
