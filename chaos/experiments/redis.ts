import type { Experiment } from '../experiment.ts';
import { NEVER, STEADY, withoutBreaker } from './steady.ts';

const runsRedis: Experiment['fits'] = ({ stores }) => stores.backend === 'redis' && stores.redis.kind !== 'external';
const runsOneRedis: Experiment['fits'] = ({ stores }) => stores.backend === 'redis' && stores.redis.kind === 'single';

/** Commands wait, and none of them counts as slow. */
const NO_TIMEOUT = ['stores.redis.commandTimeout=20s', 'resilience.breakers.redis.slowCall=20s'] as const;

/** Faults of Redis, and of the network between the gateway and its stores. */
export const REDIS_EXPERIMENTS = [
  {
    id: 'redis-frozen',
    hypothesis:
      'When the Redis of limits and sessions keeps its connections and stops answering, calls of it end at their time-out, its breaker opens, limits are counted by each worker, and only sessions answer 503.',
    steadyState: STEADY,
    load: { 'search-miss': '3/s', 'search-hit': '12/s', order: '2/s', health: '1/s' },
    means: {
      local: { kind: 'freeze', program: 'redis' },
      kubernetes: { kind: 'proxy', on: 'redis', fault: { kind: 'black-hole' } },
      chaosMesh: { kind: 'NetworkChaos', on: 'redis', to: 'gateway', action: 'loss', loss: '100%' },
    },
    duration: '5m',
    least: '30s',
    blastRadius:
      'Limits and sessions of this namespace: limits hold by the share of each worker, sessions answer 503. The cache, Postgres and the upstream are not touched.',
    chain: [
      {
        id: 'breaker-opens',
        from: 'fault',
        within: '10s',
        expect: { kind: 'breaker', breaker: 'redis', state: 'open' },
      },
      {
        id: 'breaker-told',
        from: 'fault',
        within: '200s',
        expect: { kind: 'alert', alert: 'BreakerOpen', state: 'firing', labels: { breaker: 'redis' } },
      },
      {
        id: 'breaker-closes',
        from: 'revert',
        within: '15s',
        expect: { kind: 'breaker', breaker: 'redis', state: 'closed' },
      },
      { id: 'steady-after', from: 'revert', within: '10m', expect: { kind: 'steady' } },
    ],
    bounds: [
      { kind: 'lost', lane: 'critical', atMost: 0 },
      { kind: 'p99', lane: 'critical', atMost: '1s' },
    ],
    mustNotTrip: ['GatewayErrorsHigh', 'PostgresDown', 'RequestsShed', ...NEVER],
    guardIdle: true,
    abortAbove: '50%',
    protection: {
      name: 'the time-out of commands',
      without: NO_TIMEOUT,
      breaks: ['breaker-opens', 'p99-critical', 'lost-critical'],
    },
    fits: runsRedis,
  },
  {
    id: 'redis-lost',
    hypothesis:
      'When the Redis of limits and sessions is gone, its breaker opens, RedisDown wakes somebody, limits are counted by each worker and no request fails for it.',
    steadyState: STEADY,
    load: { 'search-miss': '3/s', 'search-hit': '12/s', order: '2/s', health: '1/s' },
    means: {
      local: { kind: 'kill', program: 'redis' },
      kubernetes: { kind: 'scale-away', component: 'redis' },
      chaosMesh: { kind: 'PodChaos', on: 'redis', action: 'pod-failure' },
    },
    duration: '5m',
    least: '30s',
    blastRadius:
      'Limits begin anew, and whoever is signed in has to sign in again. The cache, Postgres and the upstream are not touched.',
    chain: [
      {
        id: 'breaker-opens',
        from: 'fault',
        within: '10s',
        expect: { kind: 'breaker', breaker: 'redis', state: 'open' },
      },
      {
        id: 'down-told',
        from: 'fault',
        within: '2m',
        expect: { kind: 'alert', alert: 'RedisDown', state: 'firing', labels: { store: 'redis' } },
      },
      {
        id: 'breaker-closes',
        from: 'revert',
        within: '30s',
        expect: { kind: 'breaker', breaker: 'redis', state: 'closed' },
      },
      {
        id: 'down-resolved',
        from: 'revert',
        within: '8m',
        expect: { kind: 'alert', alert: 'RedisDown', state: 'resolved' },
      },
      { id: 'steady-after', from: 'revert', within: '10m', expect: { kind: 'steady' } },
    ],
    bounds: [
      { kind: 'lost', lane: 'critical', atMost: 0 },
      { kind: 'p99', lane: 'critical', atMost: '1s' },
    ],
    mustNotTrip: ['GatewayErrorsHigh', 'PostgresDown', 'RequestsShed', ...NEVER],
    guardIdle: true,
    abortAbove: '50%',
    protection: {
      name: 'the breaker of Redis',
      without: withoutBreaker('redis'),
      breaks: ['breaker-opens'],
    },
    fits: runsOneRedis,
  },
  {
    id: 'redis-cache-lost',
    hypothesis:
      'When the Redis of the cache is gone, every worker goes on with what it holds itself and asks the upstream for the rest, and no request fails for it.',
    steadyState: STEADY,
    load: { 'search-miss': '3/s', 'search-hit': '12/s', session: '4/s', order: '1/s' },
    means: {
      local: { kind: 'kill', program: 'redis-cache' },
      kubernetes: { kind: 'scale-away', component: 'redis-cache' },
      chaosMesh: { kind: 'PodChaos', on: 'redis-cache', action: 'pod-failure' },
    },
    duration: '5m',
    least: '30s',
    blastRadius: 'The shared cache of this namespace begins anew. Limits, sessions and Postgres are not touched.',
    chain: [
      {
        id: 'breaker-opens',
        from: 'fault',
        within: '10s',
        expect: { kind: 'breaker', breaker: 'redis-cache', state: 'open' },
      },
      {
        id: 'down-told',
        from: 'fault',
        within: '2m',
        expect: { kind: 'alert', alert: 'RedisDown', state: 'firing', labels: { store: 'redis-cache' } },
      },
      {
        id: 'breaker-closes',
        from: 'revert',
        within: '30s',
        expect: { kind: 'breaker', breaker: 'redis-cache', state: 'closed' },
      },
      { id: 'steady-after', from: 'revert', within: '10m', expect: { kind: 'steady' } },
    ],
    bounds: [
      { kind: 'lost', lane: 'critical', atMost: 0 },
      { kind: 'p99', lane: 'critical', atMost: '1s' },
    ],
    mustNotTrip: ['GatewayErrorsHigh', 'PostgresDown', 'RequestsShed', ...NEVER],
    guardIdle: true,
    abortAbove: '50%',
    protection: {
      name: 'the breaker of Redis',
      without: withoutBreaker('redis'),
      breaks: ['breaker-opens'],
    },
    fits: runsRedis,
  },
  {
    id: 'network-partition',
    hypothesis:
      'When the network between the gateway and all of its stores passes nothing, their breakers open, what needs no store is answered from the upstream, and every breaker closes by itself.',
    steadyState: STEADY,
    load: { 'search-miss': '3/s', 'search-hit': '12/s', health: '1/s' },
    means: {
      local: { kind: 'proxy', on: ['redis', 'redis-cache', 'postgres'], fault: { kind: 'black-hole' } },
      chaosMesh: { kind: 'NetworkChaos', on: 'gateway', to: 'redis', action: 'partition' },
    },
    duration: '5m',
    least: '30s',
    blastRadius:
      'Sessions, orders and logs of this namespace fail, limits hold by the share of each worker. Searches and chats go on; no other namespace is touched.',
    chain: [
      {
        id: 'breaker-opens',
        from: 'fault',
        within: '10s',
        expect: { kind: 'breaker', breaker: 'redis', state: 'open' },
      },
      {
        id: 'breaker-told',
        from: 'fault',
        within: '200s',
        expect: { kind: 'alert', alert: 'BreakerOpen', state: 'firing', labels: { breaker: 'redis' } },
      },
      {
        id: 'breaker-closes',
        from: 'revert',
        within: '30s',
        expect: { kind: 'breaker', breaker: 'redis', state: 'closed' },
      },
      { id: 'steady-after', from: 'revert', within: '10m', expect: { kind: 'steady' } },
    ],
    bounds: [
      { kind: 'lost', lane: 'critical', atMost: 0 },
      { kind: 'p99', lane: 'critical', atMost: '1s' },
    ],
    mustNotTrip: ['GatewayErrorsHigh', 'RequestsShed', ...NEVER],
    guardIdle: true,
    abortAbove: '50%',
    protection: {
      name: 'the time-out of commands',
      without: NO_TIMEOUT,
      breaks: ['breaker-opens', 'p99-critical', 'lost-critical'],
    },
    fits: runsRedis,
  },
] as const satisfies readonly Experiment[];
