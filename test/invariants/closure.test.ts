import { describe, expect, test } from '@jest/globals';
import { alertmanagerConfig, type Alert, type Inhibition } from '../../alerts/index.ts';
import { checkService, openEnds, type Artefacts } from '../../infra/invariants/index.ts';
import { toldBreaches, type ToldConfig } from '../../infra/invariants/rules/closure/told.ts';
import { definition, withValues } from '../../service/definition/index.ts';
import { METRICS, RECORDED, select } from '../../service/telemetry/catalogue.ts';
import { series, sum } from '../../service/telemetry/expression/index.ts';
import { VARIATIONS } from '../support/variations.ts';

const runbook = { meaning: 'a', impact: 'b', firstLook: () => ({ c: 'kubectl get pods' }), fix: ['e'] };

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
  panel: 'pods',
  dashboard: 'stores',
  ruleTestOnly: 'a scrape that fails needs a cluster',
} as const satisfies Alert;

const pods = { id: 'pods', queries: () => [series(METRICS.up)], legends: ['{{pod}}'] };
const pools = {
  id: 'pools',
  queries: () => [series(METRICS.poolConnections), series(METRICS.poolLimit)],
  legends: ['{{lane}}', 'limit of {{lane}}'],
};

const silence: Inhibition = {
  why: 'a pod that is down holds no connection',
  source: [{ label: 'alertname', operator: '=', value: 'Down' }],
  target: [
    { label: 'alertname', operator: '=', value: 'PoolFull' },
    { label: 'lane', operator: '=', value: 'critical' },
  ],
  equal: ['namespace', 'pod'],
};

const sound: Artefacts = {
  alerts: [poolFull, down],
  panels: [pools, pods],
  dashboards: [{ id: 'stores', rows: [{ panels: ['pools', 'pods'] }] }],
  experiments: [{ id: 'pool-flood', trips: ['PoolFull'], mustNotTrip: ['Down'] }],
  inhibitions: [silence],
  recordings: ({ namespace }) => [
    {
      metric: RECORDED.badShare5m,
      expression: `sum by (namespace) (${select(METRICS.poolConnections)}) / sum by (namespace) (${select(METRICS.poolLimit)})`,
      labels: { namespace, slo: 'errors' },
    },
  ],
};
// Redis is run by others, so nothing of ours tells of it.
const service = withValues(definition.prod, ['stores.redis.kind=external', 'release.guard.mode=off']);

const recorded = (): string => `${select(RECORDED.badShare5m, { slo: 'errors' })} > 0.9`;

test('rows whose names all lead somewhere have no open end', () => {
  expect(openEnds(service, sound)).toEqual([]);
});

test('an alert on what is recorded of what its panel draws has no open end', () => {
  const alert: Alert = { ...down, expression: recorded, description: '', panel: 'pools' };
  expect(openEnds(service, { ...sound, alerts: [poolFull, alert], inhibitions: [] })).toEqual([]);
});

test.each(VARIATIONS)(
  'the shipped rows have no open end in $name, nor when a guard judges its releases',
  (variation) => {
    expect(openEnds(variation.service)).toEqual([]);
    expect(openEnds(withValues(variation.service, ['release.guard.mode=act']))).toEqual([]);
  },
);

test('a row that names its exporter is left out where that does not run', () => {
  const panel = { id: 'redis', queries: () => [series(METRICS.redisUp)], legends: ['{{store}}'] };
  const panels = [...sound.panels, { ...panel, exporters: ['redis-exporter'] as const }];
  expect(openEnds(service, { ...sound, panels })).toEqual([]);
});

test.each<[what: string, rows: Partial<Artefacts>, path: string, problem: string, edit: string]>([
  [
    'an alert on a metric that nobody exports',
    {
      alerts: [down, { ...poolFull, expression: () => 'gateway_postgres_pool_conections > 9' }],
      inhibitions: [],
    },
    'alerts.PoolFull.expression',
    "names the metric 'gateway_postgres_pool_conections', which nobody exports",
    "did you mean 'gateway_postgres_pool_connections'?",
  ],
  [
    'a panel on a store that others run',
    { panels: [pools, pods, { id: 'redis', queries: () => [series(METRICS.redisUp)], legends: ['{{store}}'] }] },
    'dashboards.redis.queries',
    "names the metric 'redis_up' of redis-exporter, which this environment does not run",
    'name redis-exporter among the exporters of its row',
  ],
  [
    'an alert that tells a label it aggregated away',
    {
      alerts: [down, { ...poolFull, expression: () => `sum(${select(METRICS.poolConnections)}) > 9` }],
      inhibitions: [],
    },
    'alerts.PoolFull.description',
    "tells the label 'lane', which the result does not have",
    "keep 'lane' in the query's aggregation",
  ],
  [
    'a panel on a label that is not there',
    {
      panels: [
        pools,
        pods,
        { id: 'routes', queries: () => [series(METRICS.poolConnections, { route: '/x' })], legends: ['a'] },
      ],
    },
    'dashboards.routes.queries',
    "by the label 'route', which is not there",
    'there are: lane',
  ],
  [
    'a panel that names its lines by a label that is not there',
    {
      panels: [
        pools,
        pods,
        { id: 'lanes', queries: () => [sum([], series(METRICS.poolConnections))], legends: ['{{lane}}'] },
      ],
    },
    'dashboards.lanes.legends',
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
    'an alert whose panel draws something else than it compares',
    { alerts: [poolFull, { ...down, panel: 'pools' }] },
    'alerts.Down.panel',
    "compares 'up', which its panel 'pools' does not draw",
    "name a panel that draws 'up', or draw it on 'pools'",
  ],
  [
    'an alert that compares what is recorded of something else than its panel draws',
    { alerts: [poolFull, { ...down, expression: recorded, description: '' }], inhibitions: [] },
    'alerts.Down.panel',
    "compares 'slo:sli_error:ratio_rate5m', which its panel 'pods' does not draw",
    'name a panel',
  ],
  [
    'an alert that leads to a dashboard without its panel',
    {
      dashboards: [...sound.dashboards, { id: 'cache', rows: [] }],
      alerts: [poolFull, { ...down, dashboard: 'cache' }],
    },
    'alerts.Down.dashboard',
    "leads to the dashboard 'cache', which does not show its panel 'pods'",
    "put it on 'cache'",
  ],
  [
    'an alert that leads to a dashboard that does not exist',
    { alerts: [poolFull, { ...down, dashboard: 'traffic' }] },
    'alerts.Down.dashboard',
    "names the dashboard 'traffic', which does not exist",
    'name an existing dashboard',
  ],
  [
    'a first look that asks for what nobody exports',
    { alerts: [poolFull, { ...down, runbook: { ...runbook, firstLook: () => ({ c: 'pg_upp == 0' }) } }] },
    'alerts.Down.runbook.firstLook',
    "names the metric 'pg_upp', which nobody exports",
    "did you mean 'pg_up'?",
  ],
  [
    'an alert on a value that a label never has',
    { alerts: [poolFull, { ...down, expression: () => `${select(METRICS.up, { job: 'gatway' })} == 0` }] },
    'alerts.Down.expression',
    `matches 'up' by job="gatway", which that label never is`,
    "did you mean 'gateway'?",
  ],
  [
    'an alert on another namespace than that of its environment',
    { alerts: [poolFull, { ...down, expression: () => `${select(METRICS.up, { namespace: 'sluice' })} == 0` }] },
    'alerts.Down.expression',
    `matches 'up' by namespace="sluice", which that label never is`,
    'there are: sluice-prod',
  ],
  [
    'an alert that looks back less than two scrapes',
    { alerts: [poolFull, { ...down, expression: () => `min_over_time(${select(METRICS.up)}[9s]) == 0` }] },
    'alerts.Down.expression',
    "looks back 9s at 'up', of which there is one value each 5s",
    'look back 10s at least',
  ],
  [
    'a panel on what no rule of the environment records',
    { panels: [pools, pods, { id: 'share', queries: () => [series(RECORDED.releaseErrors)], legends: ['share'] }] },
    'dashboards.share.queries',
    "names the metric 'release:requests_failed:ratio_rate' of a rule, which this environment does not have",
    'record it here',
  ],
  [
    'a recording rule that loses a label of its row',
    { recordings: () => [{ metric: RECORDED.badShare5m, expression: 'vector(1)', labels: { slo: 'errors' } }] },
    'alerts.slo:sli_error:ratio_rate5m.expression',
    'has no namespace, which its row in the catalogue says: vector(1)',
    'make the labels',
  ],
  [
    'a recording rule that keeps a label of which its row does not know',
    {
      recordings: () => [
        {
          metric: RECORDED.badShare5m,
          expression: `sum by (namespace, lane) (${select(METRICS.poolConnections)})`,
          labels: { slo: 'errors' },
        },
      ],
    },
    'alerts.slo:sli_error:ratio_rate5m.expression',
    'has lane, of which its row in the catalogue says nothing',
    'make the labels',
  ],
  [
    'an inhibition that goes by a label that an alert does not have',
    { inhibitions: [{ ...silence, equal: ['namespace', 'lane'] }] },
    'alerts.INHIBITIONS.Down',
    "goes by the label 'lane', which Down does not have",
    "keep 'lane' in the expression of Down",
  ],
  [
    'an inhibition that waits for a value that an alert never has',
    { inhibitions: [{ ...silence, source: [...silence.source, { label: 'job', operator: '=', value: 'gatway' }] }] },
    'alerts.INHIBITIONS.Down',
    'waits for job="gatway" of Down, which it never has',
    "did you mean 'gateway'?",
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
    { experiments: [{ id: 'pool-flood', trips: ['Down'], mustNotTrip: [] }] },
    'alerts.PoolFull.experiment',
    "names the experiment 'pool-flood', which must trip Down instead",
    'have the chain of chaos.pool-flood expect PoolFull',
  ],
  [
    'an experiment that must not trip an alert that does not exist',
    { experiments: [{ id: 'pool-flood', trips: ['PoolFull'], mustNotTrip: ['Dwn'] }] },
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
    { alerts: [down], experiments: [{ id: 'pool-flood', trips: ['PoolFul'], mustNotTrip: [] }] },
    'chaos.pool-flood.trips',
    "names the alert 'PoolFul', which does not exist",
    'name an existing alert',
  ],
])('%s is an open end', (_, rows, path, problem, edit) => {
  expect(openEnds(service, { ...sound, ...rows })).toEqual([
    { path, problem: expect.stringContaining(problem), fixes: [{ edit: expect.stringContaining(edit) }] },
  ]);
});

describe('who is told', () => {
  const shipped = alertmanagerConfig(definition.prod) as ToldConfig;
  const [page] = shipped.route.routes;
  if (!page) throw new Error('nothing is routed');
  const changed = (change: object): ToldConfig => ({ ...shipped, ...change });

  test('is somebody that there is, with what the pod has', () => {
    expect(toldBreaches(definition.prod)).toEqual([]);
  });

  test.each<[title: string, config: ToldConfig, path: string, problem: string, edit: string]>([
    [
      'a receiver that does not exist',
      changed({ route: { ...shipped.route, receiver: 'tem' } }),
      'monitoring.notifications',
      "names the receiver 'tem', which does not exist",
      "did you mean 'team'?",
    ],
    [
      'hours that do not exist',
      changed({ route: { ...shipped.route, routes: [{ ...page, active_time_intervals: ['office'] }] } }),
      `monitoring.notifications.{${page.matchers.join(',')}}`,
      "names the window 'office', which does not exist",
      'add it to monitoring.notifications.windows',
    ],
    [
      'a file that nothing mounts',
      changed({
        receivers: [...shipped.receivers, { name: 'chat', slack_configs: [{ api_url_file: '/run/secrets/chat/url' }] }],
      }),
      'monitoring.receivers.chat',
      'reads /run/secrets/chat/url, a Secret that nothing mounts',
      'name the Secret and its key',
    ],
  ])('%s is an open end', (_, config, path, problem, edit) => {
    expect(toldBreaches(definition.prod, config)).toEqual([
      { path, problem: expect.stringContaining(problem), fixes: [{ edit: expect.stringContaining(edit) }] },
    ]);
  });
});

test('a scrape that is too rare for what looks at it is refused with every row that does', () => {
  const findings = checkService(withValues(definition.prod, ['monitoring.scrapeInterval=3m'])).filter(
    ({ rule }) => rule === 'closure',
  );
  expect(findings.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['alerts.RequestsShed.expression', 'dashboards.request-rate.queries']),
  );
  expect(findings[0]?.problem).toContain('of which there is one value each 180s');
});
