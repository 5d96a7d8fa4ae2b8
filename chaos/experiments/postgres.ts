import type { Experiment } from '../experiment.ts';
import { NEVER, STEADY, withoutBreaker } from './steady.ts';

const runsPostgres: Experiment['fits'] = ({ datastores }) => datastores.postgres.kind === 'single';

/** Faults of Postgres. */
export const POSTGRES_EXPERIMENTS = [
  {
    id: 'postgres-frozen',
    hypothesis:
      'When Postgres keeps its connections and stops answering, its breaker opens, orders answer 503 at once instead of waiting, and searches with a key that is known go on.',
    steadyState: STEADY,
    load: { 'search-miss': '3/s', 'search-hit': '12/s', session: '4/s', order: '2/s' },
    means: {
      local: { kind: 'freeze', program: 'postgres' },
      kubernetes: { kind: 'proxy', on: 'postgres', fault: { kind: 'black-hole' } },
      chaosMesh: { kind: 'NetworkChaos', on: 'postgres', to: 'gateway', action: 'loss', loss: '100%' },
    },
    duration: '5m',
    least: '45s',
    blastRadius:
      'Log-ins, orders and logs of this namespace fail. Searches, chats and sessions go on; Redis and the upstream are not touched.',
    chain: [
      {
        id: 'breaker-opens',
        from: 'fault',
        within: '25s',
        expect: { kind: 'breaker', breaker: 'postgres', state: 'open' },
      },
      {
        id: 'breaker-told',
        from: 'fault',
        within: '220s',
        expect: { kind: 'alert', alert: 'BreakerOpen', state: 'firing', labels: { breaker: 'postgres' } },
      },
      {
        id: 'breaker-closes',
        from: 'revert',
        within: '30s',
        expect: { kind: 'breaker', breaker: 'postgres', state: 'closed' },
      },
      { id: 'steady-after', from: 'revert', within: '10m', expect: { kind: 'steady' } },
    ],
    bounds: [
      { kind: 'lost', lane: 'critical', atMost: 0, asks: ['search-hit', 'search-miss', 'session'] },
      { kind: 'p99', lane: 'critical', atMost: '1s', asks: ['search-hit', 'session'] },
    ],
    mustNotTrip: ['RedisDown', 'RequestsShed', ...NEVER],
    guardIdle: true,
    abortAbove: '75%',
    protection: {
      name: 'the breaker of Postgres',
      without: withoutBreaker('postgres'),
      breaks: ['breaker-opens', 'breaker-told'],
    },
    fits: runsPostgres,
  },
  {
    id: 'postgres-lost',
    hypothesis:
      'When Postgres is gone, PostgresDown wakes somebody, orders answer 503 at once, searches with a key that is known go on, and orders go on by themselves when it is back.',
    steadyState: STEADY,
    load: { 'search-miss': '3/s', 'search-hit': '12/s', session: '4/s', order: '2/s' },
    means: {
      local: { kind: 'kill', program: 'postgres' },
      kubernetes: { kind: 'scale-away', component: 'postgres' },
      chaosMesh: { kind: 'PodChaos', on: 'postgres', action: 'pod-failure' },
    },
    duration: '5m',
    least: '30s',
    blastRadius:
      'Log-ins, orders and logs of this namespace fail. Searches, chats and sessions go on; Redis and the upstream are not touched.',
    chain: [
      {
        id: 'breaker-opens',
        from: 'fault',
        within: '15s',
        expect: { kind: 'breaker', breaker: 'postgres', state: 'open' },
      },
      {
        id: 'down-told',
        from: 'fault',
        within: '2m',
        expect: { kind: 'alert', alert: 'PostgresDown', state: 'firing' },
      },
      {
        id: 'breaker-closes',
        from: 'revert',
        within: '1m',
        expect: { kind: 'breaker', breaker: 'postgres', state: 'closed' },
      },
      {
        id: 'down-resolved',
        from: 'revert',
        within: '8m',
        expect: { kind: 'alert', alert: 'PostgresDown', state: 'resolved' },
      },
      { id: 'steady-after', from: 'revert', within: '10m', expect: { kind: 'steady' } },
    ],
    bounds: [
      { kind: 'lost', lane: 'critical', atMost: 0, asks: ['search-hit', 'search-miss', 'session'] },
      { kind: 'p99', lane: 'critical', atMost: '1s', asks: ['search-hit', 'session'] },
    ],
    mustNotTrip: ['RedisDown', 'RequestsShed', ...NEVER],
    guardIdle: true,
    abortAbove: '75%',
    protection: {
      name: 'the breaker of Postgres',
      without: withoutBreaker('postgres'),
      breaks: ['breaker-opens'],
    },
    fits: runsPostgres,
  },
  {
    id: 'postgres-connections-exhausted',
    hypothesis:
      'When others take every connection that Postgres has left, the gateway goes on with those that it keeps, and PostgresConnectionsNearLimit says so.',
    steadyState: STEADY,
    load: { 'search-hit': '12/s', session: '4/s', order: '4/s' },
    means: { local: { kind: 'postgres-connections' } },
    duration: '8m',
    least: '30s',
    blastRadius: 'Nobody else can connect to the Postgres of this namespace. What is connected stays so.',
    chain: [
      {
        id: 'connections-told',
        from: 'fault',
        within: '7m',
        expect: { kind: 'alert', alert: 'PostgresConnectionsNearLimit', state: 'firing' },
      },
      {
        id: 'connections-resolved',
        from: 'revert',
        within: '2m',
        expect: { kind: 'alert', alert: 'PostgresConnectionsNearLimit', state: 'resolved' },
      },
      { id: 'steady-after', from: 'revert', within: '8m', expect: { kind: 'steady' } },
    ],
    bounds: [{ kind: 'lost', lane: 'critical', atMost: 0 }],
    mustNotTrip: ['PostgresDown', 'RedisDown', 'BreakerOpen', 'GatewayErrorsHigh', ...NEVER],
    guardIdle: true,
    abortAbove: '50%',
    protection: {
      name: 'connections that are kept',
      without: ['datastores.postgres.recycle=1s'],
      breaks: ['lost-critical'],
    },
    fits: runsPostgres,
  },
] as const satisfies readonly Experiment[];
