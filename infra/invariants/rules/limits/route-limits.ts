import {
  describeLimit,
  toMilliseconds,
  type Limit,
  type Route,
  type Service,
} from '../../../../service/definition/index.ts';
import type { Breach, Fix } from '../../finding.ts';
import { rounded, seconds } from '../../time.ts';
import { burst, holds, most, narrowest, sustained, widest } from '../../../../service/definition/limit-bounds.ts';

/** The limit of a kind of caller, and where it stands. */
export type CallerLimit = { readonly path: string; readonly tier?: string; readonly limit: Limit };

/** What each kind of caller may do over all routes. One in shadow holds nobody. */
export function callerLimits({ limits }: Service): readonly CallerLimit[] {
  return [
    { path: 'limits.address', limit: limits.address },
    { path: 'limits.key', limit: limits.key },
    ...Object.entries(limits.tiers).map(([tier, { limit }]) => ({ path: `limits.tiers.${tier}.limit`, tier, limit })),
  ];
}

/** A breach for each limit of a route that no caller can ever reach. */
export function deadLimits(service: Service): Breach[] {
  return Object.entries(service.routes).flatMap(([id, route]) => {
    if (!route.limited) return exempt(service, id, route);
    const callers = callerLimits(service).filter(
      ({ tier }) => tier === undefined || service.limits.tiers[tier]?.routes[id] === undefined,
    );
    return [...beyondCallers(id, route, callers), ...beyondFlight(service, id, route)];
  });
}

/** Limits of a route that is exempt from every limit. */
function exempt({ limits }: Service, id: string, route: Route): Breach[] {
  const path = `routes.${id}.limited`;
  const named = [
    ...(route.limit ? [`routes.${id}.limit`] : []),
    ...(route.concurrency === undefined ? [] : [`routes.${id}.concurrency`]),
    ...Object.entries(limits.tiers).flatMap(([tier, { routes }]) =>
      routes[id] ? [`limits.tiers.${tier}.routes.${id}`] : [],
    ),
  ];
  if (named.length === 0) return [];
  return [
    {
      path,
      problem: `${path}=false exempts the route from every limit, and so from ${named.join(' and ')}`,
      fixes: [{ settings: [`${path}=true`] }, { edit: `take ${named.join(' and ')} away` }],
    },
  ];
}

function beyondCallers(id: string, { limit }: Route, callers: readonly CallerLimit[]): Breach[] {
  if (!limit || callers.length === 0 || callers.some((caller) => caller.limit.shadow)) return [];
  const path = `routes.${id}.limit`;
  const own = narrowest(limit);
  const bounds = callers.map((caller) => ({ ...caller, bound: widest(caller.limit) }));
  if (!bounds.every(({ bound }) => holds(own, bound))) return [];
  const span = own.kind === 'window' ? own.milliseconds : 1000;
  const first = bounds.reduce((wider, next) => (most(next.bound, span) > most(wider.bound, span) ? next : wider));
  const edit: Fix = { edit: `take ${path} away: without it the same requests are denied` };
  if (own.kind === 'window') {
    const reached = most(first.bound, span);
    return [
      {
        path,
        problem:
          `${own.count} requests in ${seconds(span)} of ${path} ≥ ${reached} that any caller is admitted in that time; ` +
          `the most are by ${first.path}, ${describeLimit(first.limit)}`,
        numbers: { left: own.count, right: reached, required: '<', unit: 'requests' },
        fixes: [...lowered(path, limit, reached - 1), edit],
      },
    ];
  }
  const widestBurst = Math.max(...bounds.map(({ bound }) => burst(bound)));
  const fastest = Math.max(...bounds.map(({ bound }) => sustained(bound)));
  return [
    {
      path,
      problem:
        `${path}, ${describeLimit(limit)}, holds more than any caller is admitted: ${own.capacity} ≥ ${widestBurst} at ` +
        `once and ${rounded(own.perSecond)}/s ≥ ${rounded(fastest)}/s; the most are by ${first.path}, ${describeLimit(first.limit)}`,
      numbers: { left: own.capacity, right: widestBurst, required: '<', unit: 'requests' },
      fixes: [...(widestBurst > 1 ? [{ settings: [`${path}.bucket.capacity=${widestBurst - 1}`] }] : []), edit],
    },
  ];
}

/** A window with a smaller count; where a schedule has counts of its own, the words beside must do. */
function lowered(path: string, { window, schedule }: Limit, limit: number): Fix[] {
  if (window === undefined || schedule.length > 0 || limit < 1) return [];
  return [{ settings: [`${path}.window=${limit}/${window.split('/')[1]}`] }];
}

/** A number of requests in flight that the other limits do not let a caller reach while the first still lasts. */
function beyondFlight(service: Service, id: string, route: Route): Breach[] {
  const { concurrency, limit, timeout } = route;
  if (concurrency === undefined) return [];
  const longest = Math.max(toMilliseconds(timeout), toMilliseconds(service.gateway.streamTimeout));
  const admitted = (each: Limit | undefined): number =>
    !each || each.shadow ? Number.POSITIVE_INFINITY : most(widest(each), longest);
  const reached = Math.max(
    ...callerLimits(service).map(({ tier, limit: caller }) => {
      const replaced = tier === undefined ? undefined : service.limits.tiers[tier]?.routes[id];
      return Math.min(admitted(caller), admitted(replaced ?? limit));
    }),
  );
  if (concurrency < reached) return [];
  const path = `routes.${id}.concurrency`;
  return [
    {
      path,
      problem: `${concurrency} requests in flight of ${path} ≥ ${reached} that any caller is admitted in ${seconds(longest)}, the longest that one lasts`,
      numbers: { left: concurrency, right: reached, required: '<', unit: 'requests' },
      fixes: [
        ...(reached > 1 ? [{ settings: [`${path}=${reached - 1}`] }] : []),
        { edit: `take ${path} away: without it the same requests are denied` },
      ],
    },
  ];
}
