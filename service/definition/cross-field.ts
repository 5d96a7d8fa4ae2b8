import { aiFindings } from './ai-rules.ts';
import type { Finding } from './findings.ts';
import { guardFindings } from './guard-rules.ts';
import { imageFindings } from './image-rules.ts';
import { ingressFindings } from './ingress-rules.ts';
import type { Limit } from './limits-schema.ts';
import { notificationFindings } from './notification-rules.ts';
import { postgresFindings } from './postgres-rules.ts';
import { redisFindings } from './redis-rules.ts';
import type { ServiceValues } from './schema.ts';
import { parseRate, toMilliseconds, type Rate } from './units.ts';

/** Four words of a worker. */
const LEAST_SILENCE_MS = 2_000;

type Rule = (service: ServiceValues) => Finding[];

/** What no single field can tell; rules that join layers are invariants and stand in `infra/invariants`. */
const RULES: readonly Rule[] = [
  ingressFindings,
  postgresFindings,
  redisFindings,
  imageFindings,
  notificationFindings,
  guardFindings,
  aiFindings,
  function portsDiffer({ gateway }) {
    if (gateway.port !== gateway.opsPort) return [];
    return [{ path: 'gateway.opsPort', value: gateway.opsPort, right: 'another port than gateway.port' }];
  },
  function minNotAboveMax({ scaling }) {
    if (scaling.min <= scaling.max) return [];
    return [{ path: 'scaling.min', value: scaling.min, right: `at most scaling.max, ${scaling.max}` }];
  },
  function everyWorkerHasAConnection({ gateway, datastores }) {
    return Object.entries(datastores.postgres.pools)
      .filter(([, connections]) => connections < gateway.workers)
      .map(([lane, connections]) => ({
        path: `datastores.postgres.pools.${lane}`,
        value: connections,
        right: `at least one connection for each of the ${gateway.workers} workers of a pod`,
      }));
  },
  function limitsSayOneThing(service) {
    return everyLimit(service).flatMap(([path, { window, bucket, schedule, adaptive }]): Finding[] => {
      if (window !== undefined && bucket !== undefined)
        return [{ path: `${path}.bucket`, value: bucket, right: 'absent beside window: a limit is one or the other' }];
      if (window === undefined && bucket === undefined)
        return [{ path: `${path}.window`, value: window, right: "a rate, such as '100/min', or a bucket beside it" }];
      const outside =
        adaptive && window !== undefined
          ? outsideBounds(adaptive, [window, ...schedule.map((row) => row.window)])
          : undefined;
      if (outside !== undefined) {
        const bounds = `${adaptive?.min} to ${adaptive?.max}`;
        return [
          { path: `${path}.adaptive`, value: bounds, right: `bounds, the smaller first, that ${outside} lies within` },
        ];
      }
      const other = [...schedule.map((row) => row.window), ...(adaptive ? [adaptive.min, adaptive.max] : [])].find(
        (rate) => window === undefined || parseRate(rate).window !== parseRate(window).window,
      );
      if (other === undefined) return [];
      const right = window === undefined ? 'absent: a bucket has none' : `a rate with the window of ${window}`;
      return [
        {
          path: `${path}.${schedule.some((row) => row.window === other) ? 'schedule' : 'adaptive'}`,
          value: other,
          right,
        },
      ];
    });
  },
  function headersHaveACollector({ telemetry: { traces } }) {
    if (traces.headers === undefined || traces.collector !== undefined) return [];
    const right = "absent, or telemetry.traces.collector beside it, such as 'http://collector.observability.svc:4318'";
    return [{ path: 'telemetry.traces.headers', value: traces.headers, right }];
  },
  function tiersNameRoutes({ limits, routes }) {
    return Object.entries(limits.tiers).flatMap(([tier, { routes: own }]) =>
      Object.keys(own)
        .filter((id) => !(id in routes))
        .map((id) => ({
          path: `limits.tiers.${tier}.routes.${id}`,
          value: id,
          right: `a route: ${Object.keys(routes).join(', ')}`,
        })),
    );
  },
  function slidingSessionsEnd({ sessions }) {
    const { lifetime, maxLifetime } = sessions;
    if (toMilliseconds(maxLifetime) >= toMilliseconds(lifetime)) return [];
    return [{ path: 'sessions.maxLifetime', value: maxLifetime, right: `at least sessions.lifetime, ${lifetime}` }];
  },
  function adaptiveStaysBelowItsStart({ resilience }) {
    return Object.entries(resilience.lanes)
      .filter(([, { concurrency }]) => resilience.concurrency === 'adaptive' && concurrency < resilience.minConcurrency)
      .map(([lane, { concurrency }]) => ({
        path: `resilience.lanes.${lane}.concurrency`,
        value: concurrency,
        right: `at least resilience.minConcurrency, ${resilience.minConcurrency}`,
      }));
  },
  function everyWorkerHasAPlace({ resilience, gateway }) {
    return Object.entries(resilience.lanes)
      .filter(([, { concurrency }]) => concurrency < gateway.workers)
      .map(([lane, { concurrency }]) => ({
        path: `resilience.lanes.${lane}.concurrency`,
        value: concurrency,
        right: `at least one for each of the ${gateway.workers} workers of a pod`,
      }));
  },
  function silenceIsMoreThanALateWord({ gateway: { silence } }) {
    if (toMilliseconds(silence.unready) >= LEAST_SILENCE_MS) return [];
    const right = 'at least 2s: a worker says twice a second that it lives, and may be late';
    return [{ path: 'gateway.silence.unready', value: silence.unready, right }];
  },
  function silenceEndsAfterItIsSeen({ gateway: { silence } }) {
    if (toMilliseconds(silence.end) > toMilliseconds(silence.unready)) return [];
    const right = `more than gateway.silence.unready, ${silence.unready}`;
    return [{ path: 'gateway.silence.end', value: silence.end, right }];
  },
  function idleConnectionsFit({ upstream }) {
    if (upstream.keptAlive <= upstream.connections) return [];
    return [
      {
        path: 'upstream.keptAlive',
        value: upstream.keptAlive,
        right: `at most upstream.connections, ${upstream.connections}`,
      },
    ];
  },
  function routesDiffer({ routes }) {
    const seen = new Map<string, string>();
    return Object.entries(routes).flatMap(([id, { method, path }]) => {
      const key = `${method} ${path.replace(/\{\w+\}/g, '{}')}`;
      const first = seen.get(key);
      seen.set(key, first ?? id);
      return first ? [{ path: `routes.${id}.path`, value: path, right: `another path than routes.${first}` }] : [];
    });
  },
  function onlyReadsAreCached({ routes }) {
    return Object.entries(routes)
      .filter(([, { method, cacheFor }]) => cacheFor !== undefined && method !== 'GET')
      .map(([id, { cacheFor }]) => ({
        path: `routes.${id}.cacheFor`,
        value: cacheFor,
        right: 'absent: only GET is cached',
      }));
  },
  function privateAnswersAreNotCached({ routes }) {
    return Object.entries(routes)
      .filter(([, { auth, cacheFor }]) => cacheFor !== undefined && auth === 'required')
      .map(([id, { cacheFor }]) => ({
        path: `routes.${id}.cacheFor`,
        value: cacheFor,
        right: 'absent: a cached answer is shared, and this route answers one caller',
      }));
  },
];

/** Findings of every rule that joins fields of one environment. */
export function crossFieldFindings(service: ServiceValues): Finding[] {
  return RULES.flatMap((rule) => rule(service));
}

/** The first rate that bounds do not hold; all rates have one window. */
function outsideBounds({ min, max }: NonNullable<Limit['adaptive']>, rates: readonly Rate[]): Rate | undefined {
  const count = (rate: Rate): number => parseRate(rate).limit;
  return rates.find((rate) => count(rate) < count(min) || count(rate) > count(max));
}

function everyLimit({ limits, routes }: ServiceValues): [path: string, limit: Limit][] {
  const named: [string, Limit | undefined][] = [
    ['limits.address', limits.address],
    ['limits.key', limits.key],
    ['limits.global', limits.global],
    ...Object.entries(limits.tiers).flatMap(([tier, { limit, routes: own }]): [string, Limit][] => [
      [`limits.tiers.${tier}.limit`, limit],
      ...Object.entries(own).map(([id, each]): [string, Limit] => [`limits.tiers.${tier}.routes.${id}`, each]),
    ]),
    ...Object.entries(routes).map(([id, { limit }]): [string, Limit | undefined] => [`routes.${id}.limit`, limit]),
  ];
  return named.filter((entry): entry is [string, Limit] => entry[1] !== undefined);
}
