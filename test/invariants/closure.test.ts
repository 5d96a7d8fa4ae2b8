import { expect, test } from '@jest/globals';
import { openEnds, type Artefacts } from '../../infra/invariants/index.ts';
import type { Alert } from '../../alerts/index.ts';
import { definition, ENVIRONMENTS, withValues } from '../../service/definition/index.ts';
import { METRICS, select } from '../../service/telemetry/catalogue.ts';
import { series, sum } from '../../service/telemetry/expression/index.ts';

const runbook = { meaning: 'a', impact: 'b', firstLook: () => ({ c: 'd' }), fix: ['e'] };

const poolFull = {
  id: 'PoolFull',
  severity: 'page',
  team: 'service',
  group: 'causes',
  for: '1m',
  summary: 'A pool is full',
  expression: () => `${select(METRICS.poolConnections)} / ${select(METRICS.poolLimit)} > 0.9`,
  description: 'Lane {{ $labels.lane }} has {{ $value }}.',
  runbook,
  panel: 'pools',
  dashboard: 'stores',
  experiment: 'pool-flood',
} as const satisfies Alert;

const down = {
  id: 'Down',
  severity: 'page',
  team: 'service',
  group: 'causes',
  for: '1m',
  summary: 'A pod is down',
  expression: () => `${select(METRICS.up, { job: 'gateway' })} == 0`,
  description: 'A pod does not answer.',
  runbook,
  panel: 'pools',
  dashboard: 'stores',
  ruleTestOnly: 'a scrape that fails needs a cluster',
} as const satisfies Alert;

const sound: Artefacts = {
  alerts: [poolFull, down],
  panels: [{ id: 'pools', queries: () => [series(METRICS.poolConnections)], legends: ['{{lane}}'] }],
  experiments: [{ id: 'pool-flood', trips: 'PoolFull', mustNotTrip: ['Down'] }],
};
// Redis is run by others, so nothing of ours tells of it.
const service = withValues(definition.prod, ['stores.redis.kind=external']);

test('rows whose names all lead somewhere have no open end', () => {
  expect(openEnds(service, sound)).toEqual([]);
});

test.each(ENVIRONMENTS)('the shipped rows have no open end in %s', (environment) => {
  expect(openEnds(definition[environment])).toEqual([]);
});

test('a row that names its exporter is left out where that does not run', () => {
  const panel = { id: 'redis', queries: () => [series(METRICS.redisUp)], legends: ['{{store}}'] };
  const panels = [...sound.panels, { ...panel, exporters: ['redis-exporter'] as const }];
  expect(openEnds(service, { ...sound, panels })).toEqual([]);
});

test.each<[what: string, rows: Partial<Artefacts>, path: string, problem: string, edit: string]>([
  [
    'an alert on a metric that nobody exports',
    { alerts: [down, { ...poolFull, expression: () => 'gateway_postgres_pool_conections > 9' }] },
    'alerts.PoolFull.expression',
    "names the metric 'gateway_postgres_pool_conections', which nobody exports",
    "did you mean 'gateway_postgres_pool_connections'?",
  ],
  [
    'a panel on a store that others run',
    { panels: [{ id: 'pools', queries: () => [series(METRICS.redisUp)], legends: ['{{store}}'] }] },
    'dashboards.pools.queries',
    "names the metric 'redis_up' of redis-exporter, which this environment does not run",
    'name redis-exporter among the exporters of its row',
  ],
  [
    'an alert that tells a label it aggregated away',
    { alerts: [down, { ...poolFull, expression: () => `sum(${select(METRICS.poolConnections)}) > 9` }] },
    'alerts.PoolFull.description',
    "tells the label 'lane', which the result does not have",
    "keep 'lane' in the query's aggregation",
  ],
  [
    'a panel on a label that is not there',
    { panels: [{ id: 'pools', queries: () => [series(METRICS.poolConnections, { route: '/x' })], legends: ['a'] }] },
    'dashboards.pools.queries',
    "by the label 'route', which is not there",
    'there are: lane',
  ],
  [
    'a panel that names its lines by a label that is not there',
    { panels: [{ id: 'pools', queries: () => [sum([], series(METRICS.poolConnections))], legends: ['{{lane}}'] }] },
    'dashboards.pools.legends',
    "tells the label 'lane', which the result does not have",
    "keep 'lane' in the query's aggregation",
  ],
  [
    'an alert without its panel',
    { alerts: [down, { ...poolFull, panel: 'pool' }] },
    'alerts.PoolFull.panel',
    "names the panel 'pool', which does not exist",
    "did you mean 'pools'?",
  ],
  [
    'an alert with an empty runbook section',
    { alerts: [down, { ...poolFull, runbook: { ...runbook, meaning: '', firstLook: () => ({}) } }] },
    'alerts.PoolFull.runbook',
    'says nothing for meaning, firstLook',
    'write what whoever is woken has to know',
  ],
  [
    'an alert whose experiment does not exist',
    { alerts: [down, { ...poolFull, experiment: 'flood' }] },
    'alerts.PoolFull.experiment',
    "names the experiment 'flood', which does not exist",
    'name an existing experiment',
  ],
  [
    'an alert whose experiment trips another',
    { experiments: [{ id: 'pool-flood', trips: 'Down', mustNotTrip: [] }] },
    'alerts.PoolFull.experiment',
    "names the experiment 'pool-flood', which must trip Down instead",
    'make chaos.pool-flood.trips PoolFull',
  ],
  [
    'an experiment that must not trip an alert that does not exist',
    { experiments: [{ id: 'pool-flood', trips: 'PoolFull', mustNotTrip: ['Dwn'] }] },
    'chaos.pool-flood.mustNotTrip',
    "names the alert 'Dwn', which does not exist",
    "did you mean 'Down'?",
  ],
  [
    'an alert that nothing trips',
    { alerts: [poolFull, { ...down, ruleTestOnly: '' }] },
    'alerts.Down.experiment',
    'names no experiment that trips it, and gives no reason',
    'say why only a rule test trips it',
  ],
  [
    'an experiment for an alert that does not exist',
    { alerts: [down], experiments: [{ id: 'pool-flood', trips: 'PoolFul', mustNotTrip: [] }] },
    'chaos.pool-flood.trips',
    "names the alert 'PoolFul', which does not exist",
    'name an existing alert',
  ],
])('%s is an open end', (_, rows, path, problem, edit) => {
  expect(openEnds(service, { ...sound, ...rows })).toEqual([
    { path, problem: expect.stringContaining(problem), fixes: [{ edit: expect.stringContaining(edit) }] },
  ]);
});
