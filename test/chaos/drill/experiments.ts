import type { Experiment } from '../../../chaos/experiment.ts';
import type { Script } from './simulated-stand.ts';

/** An experiment whose every link can be followed on a stand that is simulated. */
export function anExperiment(changes: Partial<Experiment> = {}): Experiment {
  return {
    id: 'upstream-erroring',
    hypothesis: 'When the upstream errs, its breaker opens.',
    steadyState: { queries: () => ({ 'open breakers': 'sum(gateway_breakers_open)' }), http: ['/health'] },
    load: { 'search-hit': '4/s', 'search-miss': '2/s', logs: '1/s' },
    means: { local: { kind: 'proxy', on: ['upstream'], fault: { kind: 'status', status: 500 } } },
    duration: '5m',
    least: '30s',
    blastRadius: 'Searches.',
    chain: [
      {
        id: 'breaker-opens',
        from: 'fault',
        within: '10s',
        expect: { kind: 'breaker', breaker: 'upstream-critical', state: 'open' },
      },
      {
        id: 'breaker-told',
        from: 'fault',
        within: '200s',
        expect: { kind: 'alert', alert: 'BreakerOpen', state: 'firing', labels: { breaker: 'upstream-critical' } },
      },
      {
        id: 'breaker-closes',
        from: 'revert',
        within: '30s',
        expect: { kind: 'breaker', breaker: 'upstream-critical', state: 'closed' },
      },
      {
        id: 'breaker-resolved',
        from: 'revert',
        within: '2m',
        expect: { kind: 'alert', alert: 'BreakerOpen', state: 'resolved' },
      },
    ],
    bounds: [{ kind: 'lost', lane: 'critical', atMost: 0 }],
    mustNotTrip: ['GatewayDown'],
    guardIdle: true,
    abortAbove: '75%',
    protection: { name: 'the breaker', without: [], breaks: ['breaker-opens'] },
    fits: () => true,
    ...changes,
  };
}

/** What is drilled does as the experiment believes: the breaker opens, is told, closes, and all is well. */
export const PROTECTED: Script = {
  labels: { breaker: 'upstream-critical' },
  breakers: ({ fault = 0, after = Infinity }) => ({ 'upstream-critical': fault > 2 || after < 4 ? 2 : 0 }),
  alerts: ({ fault = 0, after = Infinity }) => (fault > 150 || after < 20 ? ['Watchdog', 'BreakerOpen'] : ['Watchdog']),
};
