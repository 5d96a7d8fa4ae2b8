import type { Bound, Experiment, Link } from '../experiment.ts';

/**
 * What each bound of an experiment is called in reports: kind and lane, such as `lost-critical`; where it is about some
 * kinds of requests alone, the first of them follows: `p99-critical-search-hit`.
 */
export function boundIds(bounds: readonly Bound[]): readonly string[] {
  return bounds.map((bound) => {
    if (!('lane' in bound)) return bound.kind;
    return [bound.kind, bound.lane, ...(bound.asks?.slice(0, 1) ?? [])].join('-');
  });
}

/** Names of the assertions that the engine adds to those of the row. */
export const OWN_IDS = {
  steadyBefore: 'steady-before',
  steadyAfter: 'steady-after',
  guardIdle: 'guard-idle',
  reverted: 'reverted',
} as const;

/** The assertion that an alert stays silent. */
export function silentId(alert: string): string {
  return `silent-${alert}`;
}

/** The chain, with the return to the steady state where the row leaves it out. */
export function chainOf({ chain }: Pick<Experiment, 'chain'>): readonly Link[] {
  if (chain.some(({ expect }) => expect.kind === 'steady')) return chain;
  return [...chain, { id: OWN_IDS.steadyAfter, from: 'revert', within: '5m', expect: { kind: 'steady' } }];
}

/** Names of everything that a run of an experiment asserts. */
export function assertionIds(experiment: Experiment): readonly string[] {
  return [
    OWN_IDS.steadyBefore,
    ...chainOf(experiment).map(({ id }) => id),
    ...boundIds(experiment.bounds),
    ...experiment.mustNotTrip.map(silentId),
    ...(experiment.guardIdle ? [OWN_IDS.guardIdle] : []),
    OWN_IDS.reverted,
  ];
}

/** What a link waits for, in words. */
export function titleOf({ expect }: Link): string {
  switch (expect.kind) {
    case 'breaker':
      return `breaker ${expect.breaker} ${expect.state === 'open' ? 'opens' : 'closes'}`;
    case 'alert':
      return `alert ${expect.alert} ${expect.state === 'firing' ? 'fires' : 'resolves'}`;
    case 'guard':
      return 'guard restores the release that was good';
    case 'pods-ready':
      return 'as many pods of the gateway are Ready as before';
    case 'steady':
      return 'steady state holds again';
    case 'counted':
      return `${expect.metric} has grown by ${expect.atLeast}`;
  }
}
