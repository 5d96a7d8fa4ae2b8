import type { Experiment } from '../experiment.ts';
import { NEVER, STEADY, withoutBreaker } from './steady.ts';

const deploysUpstream: Experiment['fits'] = ({ upstream }) => upstream.deploy;

/** Faults of the upstream, and of the provider of models behind it. */
export const UPSTREAM_EXPERIMENTS = [
  {
    id: 'upstream-slow',
    hypothesis:
      'When the upstream answers two seconds late, searches that no cache holds become slow and none fails, what the cache holds stays fast, and latency alone is told.',
    steadyState: STEADY,
    load: { 'search-miss': '3/s', 'search-hit': '12/s', session: '4/s', order: '1/s' },
    means: {
      local: { kind: 'proxy', on: ['upstream'], fault: { kind: 'latency', latency: '2s' } },
      kubernetes: { kind: 'proxy', on: 'upstream', fault: { kind: 'latency', latency: '2s' } },
      chaosMesh: { kind: 'NetworkChaos', on: 'upstream', to: 'gateway', action: 'delay', latency: '2s' },
    },
    duration: '10m',
    least: '30s',
    blastRadius:
      'Searches and chats of this namespace that reach the sample upstream. Its probes, the stores and every other namespace are not touched.',
    chain: [
      {
        id: 'latency-told',
        from: 'fault',
        within: '7m',
        expect: { kind: 'alert', alert: 'GatewayLatencyHigh', state: 'firing' },
      },
      {
        id: 'latency-resolved',
        from: 'revert',
        within: '7m',
        expect: { kind: 'alert', alert: 'GatewayLatencyHigh', state: 'resolved' },
      },
      { id: 'steady-after', from: 'revert', within: '8m', expect: { kind: 'steady' } },
    ],
    bounds: [
      { kind: 'lost', lane: 'critical', atMost: 0 },
      { kind: 'p99', lane: 'critical', atMost: '1s', asks: ['search-hit', 'session', 'order'] },
    ],
    mustNotTrip: ['GatewayErrorsHigh', 'BreakerOpen', 'StoreFailing', ...NEVER],
    guardIdle: true,
    abortAbove: '50%',
    protection: {
      name: 'the cache of searches',
      without: ['routes.search.cacheFor=1ms', 'cache.stale=0s'],
      breaks: ['p99-critical-search-hit'],
    },
    fits: deploysUpstream,
  },
  {
    id: 'upstream-erroring',
    hypothesis:
      'When the upstream answers 500 to everything, its breaker opens within seconds and it is left alone, what the cache holds and what needs no upstream is answered as ever, and the breaker closes by itself.',
    steadyState: STEADY,
    load: { 'search-miss': '5/s', 'search-hit': '12/s', session: '4/s', order: '1/s' },
    means: {
      local: { kind: 'proxy', on: ['upstream'], fault: { kind: 'status', status: 500 } },
      kubernetes: { kind: 'proxy', on: 'upstream', fault: { kind: 'status', status: 500 } },
      chaosMesh: { kind: 'HTTPChaos', on: 'upstream', port: 8081, code: 500 },
    },
    duration: '5m',
    least: '30s',
    blastRadius:
      'Searches of this namespace that no cache holds fail. Stores, sessions and orders are not touched, and no other namespace is.',
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
      { id: 'steady-after', from: 'revert', within: '8m', expect: { kind: 'steady' } },
    ],
    bounds: [
      { kind: 'lost', lane: 'critical', atMost: 0, asks: ['search-hit', 'session', 'order'] },
      { kind: 'p99', lane: 'critical', atMost: '1s', asks: ['search-hit', 'session', 'order'] },
      // Its probes are all that is left: of a hundred requests it meets a few.
      { kind: 'amplification', atMost: 0.6 },
    ],
    mustNotTrip: ['GatewayLatencyHigh', 'StoreFailing', ...NEVER],
    guardIdle: true,
    abortAbove: '75%',
    protection: {
      name: 'the breaker of the upstream',
      without: withoutBreaker('upstream'),
      breaks: ['breaker-opens', 'breaker-told', 'amplification'],
    },
    fits: deploysUpstream,
  },
  {
    id: 'upstream-black-holed',
    hypothesis:
      'When the upstream takes connections and never answers, attempts end at their time-out, the breaker opens and from then on nobody waits, while what needs no upstream never does.',
    steadyState: STEADY,
    load: { 'search-miss': '3/s', 'search-hit': '12/s', session: '4/s', order: '1/s' },
    means: {
      local: { kind: 'proxy', on: ['upstream'], fault: { kind: 'black-hole' } },
      kubernetes: { kind: 'proxy', on: 'upstream', fault: { kind: 'black-hole' } },
      chaosMesh: { kind: 'NetworkChaos', on: 'upstream', to: 'gateway', action: 'loss', loss: '100%' },
    },
    duration: '5m',
    least: '30s',
    blastRadius:
      'Searches of this namespace that no cache holds wait for a time-out and fail. Stores, sessions and orders are not touched, and no other namespace is.',
    chain: [
      {
        id: 'breaker-opens',
        from: 'fault',
        within: '20s',
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
        within: '45s',
        expect: { kind: 'breaker', breaker: 'upstream-critical', state: 'closed' },
      },
      {
        id: 'breaker-resolved',
        from: 'revert',
        within: '2m',
        expect: { kind: 'alert', alert: 'BreakerOpen', state: 'resolved' },
      },
      { id: 'steady-after', from: 'revert', within: '8m', expect: { kind: 'steady' } },
    ],
    bounds: [
      { kind: 'lost', lane: 'critical', atMost: 0, asks: ['search-hit', 'session', 'order'] },
      { kind: 'p99', lane: 'critical', atMost: '1s', asks: ['search-hit', 'session', 'order'] },
    ],
    mustNotTrip: ['StoreFailing', ...NEVER],
    guardIdle: true,
    abortAbove: '75%',
    protection: {
      name: 'the time-out of an attempt',
      without: ['upstream.attemptTimeout=44s', 'upstream.budget=45s'],
      breaks: ['breaker-opens', 'breaker-told'],
    },
    fits: deploysUpstream,
  },
  {
    id: 'provider-429-storm',
    hypothesis:
      'When the provider answers 429 to everything, the gateway passes that on with its Retry-After, sends hardly more requests than clients do, opens no breaker, and everything else is answered as ever.',
    steadyState: STEADY,
    load: { chat: '2/s', 'search-miss': '15/s', 'search-hit': '8/s', session: '4/s' },
    means: {
      local: { kind: 'proxy', on: ['upstream'], fault: { kind: 'status', status: 429, retryAfter: 1 } },
      kubernetes: { kind: 'proxy', on: 'upstream', fault: { kind: 'status', status: 429, retryAfter: 1 } },
      chaosMesh: { kind: 'HTTPChaos', on: 'upstream', port: 8081, code: 429 },
    },
    duration: '2m',
    least: '60s',
    blastRadius:
      'Chats and searches of this namespace that reach the sample upstream are refused. Stores, sessions and what the cache holds are not touched.',
    chain: [{ id: 'steady-after', from: 'revert', within: '2m', expect: { kind: 'steady' } }],
    bounds: [
      { kind: 'lost', lane: 'critical', atMost: 0, asks: ['search-hit', 'session'] },
      { kind: 'amplification', atMost: 1.7 },
    ],
    mustNotTrip: ['BreakerOpen', 'GatewayErrorsHigh', 'StoreFailing', ...NEVER],
    guardIdle: true,
    abortAbove: '90%',
    protection: {
      name: 'the budget of retries',
      without: ['upstream.retryBudget=1000%', 'upstream.attempts=6'],
      breaks: ['amplification'],
    },
    // A fault of seconds has to show what repeated attempts make of it, and no other protection is to hide it.
    localValues: ['upstream.backoff=200ms', 'resilience.concurrency=fixed'],
    fits: deploysUpstream,
  },
  {
    id: 'client-stampede',
    hypothesis:
      'When an answer that every client asks for is void, one worker fetches it once for all, and nobody is refused.',
    steadyState: STEADY,
    load: { 'search-same': '60/s', session: '4/s' },
    means: { local: { kind: 'expire-key', latency: '500ms' } },
    duration: '1m',
    least: '10s',
    blastRadius: 'One entry of the caches of this namespace. Everything else stays cached.',
    chain: [{ id: 'steady-after', from: 'revert', within: '1m', expect: { kind: 'steady' } }],
    bounds: [
      { kind: 'lost', lane: 'critical', atMost: 0 },
      { kind: 'fetches', atMost: 1 },
    ],
    mustNotTrip: ['GatewayErrorsHigh', 'BreakerOpen', 'RequestsShed', 'StoreFailing', ...NEVER],
    guardIdle: true,
    abortAbove: '50%',
    protection: {
      name: 'the lease by which workers agree who fetches',
      without: ['cache.fetchLease=1ms'],
      breaks: ['fetches'],
    },
    localValues: ['cache.earlyRefresh=0'],
    fits: () => true,
  },
] as const satisfies readonly Experiment[];
