import type { ChaosMeshFault, Experiment, Means } from '../../../chaos/index.ts';

/** An experiment with other values than the shipped ones have, so that exports are seen to follow the row. */
export function row(means: Means, change: Partial<Experiment> = {}): Experiment {
  return {
    id: 'sample',
    hypothesis: 'Nothing happens.',
    steadyState: { queries: () => ({ 'things that are wrong': 'up == bool 0' }), http: ['/health'] },
    load: {},
    means,
    duration: '4m',
    least: '30s',
    blastRadius: 'Nobody.',
    chain: [
      { id: 'told', from: 'fault', within: '2m', expect: { kind: 'alert', alert: 'BreakerOpen', state: 'firing' } },
      { id: 'closed', from: 'revert', within: '20s', expect: { kind: 'breaker', breaker: 'x', state: 'closed' } },
      { id: 'steady-after', from: 'revert', within: '90s', expect: { kind: 'steady' } },
    ],
    bounds: [],
    mustNotTrip: [],
    guardIdle: true,
    abortAbove: '50%',
    protection: { name: 'nothing', without: [], breaks: [] },
    fits: () => true,
    ...change,
  };
}

/** One that Chaos Mesh does. */
export function meshRow(chaosMesh: ChaosMeshFault, change: Partial<Experiment> = {}): Experiment {
  return row({ chaosMesh }, change);
}
