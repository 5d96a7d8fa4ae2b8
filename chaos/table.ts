import type { Experiment } from './experiment.ts';

/** Name of an experiment. */
export type ExperimentId = (typeof EXPERIMENTS)[number]['id'];

/** Every experiment. */
export const EXPERIMENTS = [
  {
    id: 'upstream-slow',
    hypothesis:
      'When the upstream answers two seconds late, searches that the cache does not hold become slow and none fails, so that latency alone is told.',
    steadyState: 'None of the alerts named here fires, or did in the last 10 minutes.',
    traffic: { hit: '24/min', share: '2%' },
    fault: { kind: 'delay', from: 'upstream', to: 'gateway', latency: '2s' },
    duration: '10m',
    blastRadius:
      'Searches and chats of this namespace that reach the sample upstream. Its probes, the stores and every other namespace are not touched.',
    trips: 'GatewayLatencyHigh',
    mustNotTrip: ['GatewayErrorsHigh', 'ErrorsBurnFast', 'GatewayDown', 'StoreFailing'],
    fits: ({ upstream }) => upstream.deploy,
  },
] as const satisfies readonly Experiment[];
