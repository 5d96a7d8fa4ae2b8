import type { Limit, Service } from '../definition/index.ts';
import type { TunableLimit } from './current-limit.ts';
import { concurrencyPolicy, limitPolicy } from './limit-policy.ts';
import type { LimitPolicy } from './policy.ts';
import { RateLimitFields } from './rate-limit-fields.ts';

/** The limits that hold one kind of request, and the fields that tell of them. */
export type PolicySet = {
  readonly policies: readonly LimitPolicy[];
  readonly fields: RateLimitFields;
  /** Those of them that a forecast may move. */
  readonly tuned: readonly TunedPolicy[];
};

/** A limit that a forecast may move, and what the forecast needs to know of it. */
export type TunedPolicy = {
  readonly name: string;
  /** Whether each caller has the limit, or all callers together. */
  readonly scope: LimitPolicy['scope'];
  readonly settings: NonNullable<Limit['adaptive']>;
  readonly limit: TunableLimit;
  /** Requests that the limit was asked about, admitted or denied; whoever counts requests adds them here. */
  asked: number;
};

/** Whom the limits tell apart. */
export type LimitedCaller = { readonly kind: 'address' | 'key' | 'session'; readonly tier?: string };

/** What the limits need to know of a route. */
export type LimitedRoute = {
  readonly id: string;
  readonly limit?: Limit | undefined;
  readonly concurrency?: number | undefined;
};

/** Which limits hold a request. */
export type PolicySets = {
  /** The set of a caller and route; always the same object for the same kind of caller, tier and route. */
  find(caller: LimitedCaller, route: LimitedRoute): PolicySet;
  /** Every limit that a forecast may move, from the first request that it held. */
  readonly tuned: readonly TunedPolicy[];
};

/** What the limits follow from. */
export type PolicySetOptions = {
  readonly limits: Service['limits'];
  /** Wall clock in milliseconds, for schedules; default Date.now. */
  readonly wallClock?: () => number;
};

type SetsOfRoute = { address?: PolicySet; key?: PolicySet; readonly tiers: Map<string, PolicySet> };

/** Names of the limits of every request; a route of the same name gets another. */
const GENERAL = ['address', 'key', 'global'];

/**
 * Which limits hold a request: that of the address, or of the key or user, or of the key's tier; the route's own, or
 * the tier's in its place; the requests of the caller that are in flight on the route; and that of everyone together.
 */
export function createPolicySets({ limits, wallClock }: PolicySetOptions): PolicySets {
  const known = new Map<string, LimitPolicy>();
  const tuned = new Map<string, TunedPolicy>();
  const sets = new Map<string, SetsOfRoute>();
  const policyOf = (name: string, limit: Limit, scope: LimitPolicy['scope'] = 'caller'): LimitPolicy => {
    let policy = known.get(name);
    if (policy) return policy;
    const { adaptive: settings } = limit;
    policy = limitPolicy(name, limit, {
      scope,
      logUpTo: limits.logUpTo,
      ...(wallClock ? { wallClock } : {}),
      onTunable: (tunable) => settings && tuned.set(name, { name, scope, settings, limit: tunable, asked: 0 }),
    });
    known.set(name, policy);
    return policy;
  };
  const build = ({ kind, tier }: LimitedCaller, route: LimitedRoute): PolicySet => {
    const own = tier === undefined ? undefined : limits.tiers[tier];
    const policies: LimitPolicy[] = [];
    if (own) policies.push(policyOf(tierName(tier ?? ''), own.limit));
    else policies.push(kind === 'address' ? policyOf('address', limits.address) : policyOf('key', limits.key));
    const replaced = own?.routes[route.id];
    if (replaced) policies.push(policyOf(`${tierName(tier ?? '')}:${route.id}`, replaced));
    else if (route.limit) policies.push(policyOf(routeName(route.id), route.limit));
    if (route.concurrency !== undefined) policies.push(flightPolicy(route.id, route.concurrency));
    if (limits.global) policies.push(policyOf('global', limits.global, 'everyone'));
    return {
      policies,
      fields: new RateLimitFields(policies),
      tuned: policies.flatMap(({ name }) => tuned.get(name) ?? []),
    };
  };
  const flightPolicy = (id: string, concurrency: number): LimitPolicy => {
    const name = flightName(id);
    const policy = known.get(name) ?? concurrencyPolicy(name, concurrency);
    known.set(name, policy);
    return policy;
  };
  return {
    get tuned() {
      return [...tuned.values()];
    },
    find(caller, route) {
      let ofRoute = sets.get(route.id);
      if (!ofRoute) sets.set(route.id, (ofRoute = { tiers: new Map() }));
      const { tier, kind } = caller;
      // A tier that the definition does not know has the limit of keys without one.
      if (tier !== undefined && Object.hasOwn(limits.tiers, tier)) {
        let set = ofRoute.tiers.get(tier);
        if (!set) ofRoute.tiers.set(tier, (set = build(caller, route)));
        return set;
      }
      return kind === 'address'
        ? (ofRoute.address ??= build({ kind }, route))
        : (ofRoute.key ??= build({ kind }, route));
    },
  };
}

/** Names of all limits of a service, for metrics. */
export function limitNames({ limits, routes }: Pick<Service, 'limits' | 'routes'>): readonly string[] {
  const all = Object.entries(routes).map(([id, route]): LimitedRoute => ({ ...route, id }));
  return [
    'address',
    'key',
    ...Object.keys(limits.tiers).map(tierName),
    ...all.filter(({ limit }) => limit !== undefined).map(({ id }) => routeName(id)),
    ...Object.entries(limits.tiers).flatMap(([tier, own]) =>
      Object.keys(own.routes).map((id) => `${tierName(tier)}:${id}`),
    ),
    ...all.filter(({ concurrency }) => concurrency !== undefined).map(({ id }) => flightName(id)),
    ...(limits.global ? ['global'] : []),
  ];
}

/** Name of the limit of a tier. */
export function tierName(tier: string): string {
  return `tier:${tier}`;
}

/** Name of a route's own limit. */
export function routeName(id: string): string {
  return GENERAL.includes(id) ? `route:${id}` : id;
}

function flightName(id: string): string {
  return `${routeName(id)}:in-flight`;
}
