import { expect, test } from '@jest/globals';
import { checkService } from '../../infra/invariants/index.ts';
import { definition, ENVIRONMENTS, withValues } from '../../service/definition/index.ts';
import { describeCases, settingsOf, type Case } from './case.ts';

const CASES: readonly Case[] = [
  {
    rule: 'pool-budget',
    path: 'datastores.postgres.maxConnections',
    broken: ['datastores.postgres.maxConnections=117'],
    sound: ['datastores.postgres.maxConnections=118'],
    problem:
      '6 HPA max + 3 surge of a restore + 1 draining + 1 baseline + 1 withdrawn = 12 pods × (4 + 2 critical + 2 + 1 background) = 108 + 10 reserved = 118 > 117 maxConnections',
    fix: 'datastores.postgres.maxConnections=118',
  },
  {
    rule: 'pool-budget',
    path: 'datastores.postgres.maxConnections',
    broken: ['datastores.postgres.overflow.critical=13'],
    sound: ['datastores.postgres.overflow.critical=2'],
    problem:
      '6 HPA max + 3 surge of a restore + 1 draining + 1 baseline + 1 withdrawn = 12 pods × (4 + 13 critical + 2 + 1 background) = 240 + 10 reserved = 250 > 120 maxConnections',
    fix: 'datastores.postgres.maxConnections=250',
  },
  {
    rule: 'pool-budget',
    path: 'datastores.postgres.maxConnections',
    broken: ['datastores.postgres.pools.critical=16'],
    sound: ['datastores.postgres.pools.critical=4'],
    problem:
      '6 HPA max + 3 surge of a restore + 1 draining + 1 baseline + 1 withdrawn = 12 pods × (16 + 2 critical + 2 + 1 background) = 252 + 10 reserved = 262 > 120 maxConnections',
    fix: 'datastores.postgres.maxConnections=262',
  },
  {
    rule: 'pool-budget',
    path: 'stores.redis.state.maxClients',
    broken: ['stores.redis.state.maxClients=46'],
    sound: ['stores.redis.state.maxClients=47'],
    problem:
      '6 HPA max + 3 surge of a restore + 1 draining + 1 baseline + 1 withdrawn = 12 pods × (2 workers × 1 + 1 primary) + 1 exporter + 2 probes + 2 that follow + 3 Sentinels × 2 = 47 > 46 maxClients',
    fix: 'stores.redis.state.maxClients=47',
  },
  {
    rule: 'pool-budget',
    path: 'stores.redis.cache.maxClients',
    broken: ['stores.redis.cache.maxClients=62'],
    sound: ['stores.redis.cache.maxClients=63'],
    problem:
      '6 HPA max + 3 surge of a restore + 1 draining + 1 baseline + 1 withdrawn = 12 pods × (2 workers × 2 + 1 primary) + 1 exporter + 2 probes = 63 > 62 maxClients',
    fix: 'stores.redis.cache.maxClients=63',
  },
  {
    rule: 'pool-budget',
    path: 'datastores.postgres.pooler.maxClientConnections',
    broken: ['datastores.postgres.pooler.maxClientConnections=119'],
    sound: ['datastores.postgres.pooler.maxClientConnections=120'],
    problem:
      '6 HPA max + 3 surge of a restore + 1 draining + 1 baseline + 1 withdrawn = 12 pods × (4 + 2 critical + 2 + 1 background + 1 health) = 120 > 119 maxClientConnections of one pooler',
    fix: 'datastores.postgres.pooler.maxClientConnections=120',
  },
  {
    rule: 'pool-budget',
    path: 'datastores.postgres.maxConnections',
    broken: ['datastores.postgres.pooler.replicas=2', 'datastores.postgres.pooler.connections.critical=22'],
    sound: ['datastores.postgres.pooler.replicas=2', 'datastores.postgres.pooler.connections.critical=21'],
    problem: '2 × 2 poolers × (22 critical + 6 background) = 112 + 10 reserved = 122 > 120 maxConnections',
    fix: 'datastores.postgres.maxConnections=122',
  },
  {
    rule: 'request-ladder',
    path: 'upstream.attempts',
    broken: ['upstream.budget=25s'],
    sound: ['upstream.budget=26s'],
    problem: '2 attempts × 12s + 1 wait × 2s = 26s > 25s upstream.budget',
    fix: 'upstream.budget=26s',
  },
  {
    rule: 'request-ladder',
    path: 'upstream.budget',
    broken: ['routes.chat.timeout=30s'],
    sound: ['routes.chat.timeout=31s'],
    problem: '30s upstream.budget ≥ 30s routes.chat.timeout, the shortest of those that call the upstream',
    fix: 'routes.chat.timeout=31s',
  },
  {
    rule: 'request-ladder',
    path: 'gateway.requestTimeout',
    broken: ['routes.readLogs.timeout=61s'],
    sound: ['routes.readLogs.timeout=60s'],
    problem: '61s routes.readLogs.timeout, the longest > 60s gateway.requestTimeout',
    fix: 'gateway.requestTimeout=61s',
  },
  {
    rule: 'request-ladder',
    path: 'balancer.requestTimeout',
    broken: ['gateway.requestTimeout=65s'],
    sound: ['gateway.requestTimeout=64s'],
    problem: '65s gateway.requestTimeout ≥ 65s balancer.requestTimeout',
    fix: 'gateway.requestTimeout=64s',
  },
  {
    rule: 'idle-ladder',
    path: 'gateway.keepAlive',
    broken: ['gateway.keepAlive=60s'],
    sound: ['gateway.keepAlive=61s'],
    problem: '60s balancer.idleTimeout ≥ 60s gateway.keepAlive',
    fix: 'gateway.keepAlive=61s',
  },
  {
    rule: 'idle-ladder',
    path: 'upstream.keepAlive',
    broken: ['upstream.serverKeepAlive=5s'],
    sound: ['upstream.serverKeepAlive=21s'],
    problem: '20s upstream.keepAlive of the gateway ≥ 5s upstream.serverKeepAlive',
    fix: 'upstream.keepAlive=4s',
  },
  {
    rule: 'drain-ladder',
    path: 'gateway.terminationGrace',
    broken: ['gateway.terminationGrace=130s'],
    sound: ['gateway.terminationGrace=131s'],
    problem:
      '1 readiness failure × 5s + 5s drainDelay + 120s for a stream, the longest = 130s ≥ 130s gateway.terminationGrace',
    fix: 'gateway.terminationGrace=131s',
  },
  {
    rule: 'drain-ladder',
    path: 'gateway.terminationGrace',
    broken: ['gateway.streamTimeout=1s', 'gateway.terminationGrace=55s'],
    sound: ['gateway.streamTimeout=1s', 'gateway.terminationGrace=56s'],
    problem:
      '1 readiness failure × 5s + 5s drainDelay + 45s for route search, the longest = 55s ≥ 55s gateway.terminationGrace',
    fix: 'gateway.terminationGrace=56s',
  },
  {
    rule: 'rollout-ladder',
    path: 'rollout.progressDeadline',
    broken: ['rollout.minReady=300s'],
    sound: ['rollout.minReady=299s'],
    problem: '300s rollout.minReady ≥ 300s rollout.progressDeadline',
    fix: 'rollout.progressDeadline=360s',
  },
  {
    rule: 'rollout-ladder',
    path: 'rollout.deployAwait',
    broken: ['rollout.progressDeadline=600s'],
    sound: ['rollout.progressDeadline=599s'],
    problem: '600s rollout.progressDeadline ≥ 600s rollout.deployAwait',
    fix: 'rollout.deployAwait=601s',
  },
  {
    rule: 'availability',
    path: 'scaling.min',
    broken: ['scaling.min=1', 'scaling.spreadDomains=1'],
    sound: ['scaling.min=2', 'scaling.spreadDomains=1'],
    problem: '1 scaling.min < 1 evicted + 1 that serves = 2',
    fix: 'scaling.min=2',
  },
  {
    rule: 'availability',
    path: 'scaling.spreadDomains',
    broken: ['scaling.spreadDomains=3'],
    sound: ['scaling.spreadDomains=2'],
    problem: '2 scaling.min < 3 spreadDomains, one pod in each',
    fix: 'scaling.min=3',
  },
  {
    rule: 'memory',
    path: 'gateway.memory.heap',
    broken: ['gateway.memory.heap=51Mi'],
    sound: ['gateway.memory.heap=52Mi'],
    problem: '48Mi at rest + 100 streams of a worker (resilience.maxStreams) × 40Ki = 52Mi > 51Mi gateway.memory.heap',
    fix: 'gateway.memory.heap=52Mi',
  },
  {
    rule: 'memory',
    path: 'gateway.memory.limit',
    broken: ['gateway.memory.limit=1087Mi'],
    sound: ['gateway.memory.limit=1088Mi'],
    problem:
      '2 workers × (256Mi heap + 3 × 16Mi semiSpace + 64Mi cache + 32Mi queues + 64Mi tokens) + 96Mi primary + 64Mi headroom = 1088Mi > 1087Mi gateway.memory.limit',
    fix: 'gateway.memory.limit=1088Mi',
  },
  {
    rule: 'shared-store',
    path: 'stores.backend',
    broken: ['stores.backend=memory'],
    sound: ['stores.backend=redis'],
    problem: '6 HPA max > 1 pod, all that limits and sessions in memory (stores.backend=memory) can serve',
    fix: 'stores.backend=redis',
  },
  {
    rule: 'shared-store',
    path: 'stores.redis.state.evictionPolicy',
    broken: ['stores.redis.state.evictionPolicy=allkeys-lru'],
    sound: ['stores.redis.state.evictionPolicy=noeviction', 'stores.redis.cache.evictionPolicy=allkeys-lru'],
    problem:
      'Redis for state keeps limits and sessions, and stores.redis.state.evictionPolicy=allkeys-lru lets it drop them',
    fix: 'stores.redis.state.evictionPolicy=noeviction',
  },
];

const service = definition.prod;

test.each(ENVIRONMENTS)('every invariant holds in the shipped %s', (environment) => {
  expect(checkService(definition[environment])).toEqual([]);
});

describeCases(CASES);

test('one pod may keep limits and sessions in memory', () => {
  const alone = withValues(service, ['stores.backend=memory', 'scaling.min=1', 'scaling.max=1']);
  expect(checkService(alone).filter(({ rule }) => rule === 'shared-store')).toEqual([]);
});

test('of a Redis in one pod neither replicas nor Sentinels are counted', () => {
  const single = withValues(service, ['stores.redis.kind=single', 'stores.redis.state.maxClients=39']);
  expect(checkService(single)).toEqual([]);
  const tight = withValues(single, ['stores.redis.state.maxClients=38']);
  expect(checkService(tight).map(({ path }) => path)).toEqual(['stores.redis.state.maxClients']);
});

test('without Redis its connections are not counted', () => {
  const without = withValues(service, ['stores.backend=memory', 'stores.redis.state.maxClients=1']);
  expect(checkService(without).filter(({ rule }) => rule === 'pool-budget')).toEqual([]);
});

test.each([
  [
    'what is opened under load goes first',
    'datastores.postgres.maxConnections=106',
    ['overflow.critical=2', 'overflow.background=0'],
  ],
  [
    'then all of it and some of what is kept',
    'datastores.postgres.maxConnections=70',
    ['pools.critical=3', 'pools.background=2', 'overflow.critical=0', 'overflow.background=0'],
  ],
])('where Postgres takes fewer connections, %s', (_what, setting, changes) => {
  const findings = checkService(withValues(service, [setting]));

  expect(settingsOf(findings)).toContainEqual(changes.map((change) => `datastores.postgres.${change}`));
});
