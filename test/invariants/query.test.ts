import { describe, expect, test } from '@jest/globals';
import { boundedLabels } from '../../infra/invariants/query/bounded-labels.ts';
import { checkQuery } from '../../infra/invariants/query/check-query.ts';
import { definition, listedModels } from '../../service/definition/index.ts';
import type { Metric } from '../../service/telemetry/catalogue.ts';

const METRICS: readonly Metric[] = [
  { name: 'latency_seconds', type: 'histogram', help: '', labels: ['route', 'lane'], exporter: 'gateway' },
  { name: 'pool', type: 'gauge', help: '', labels: ['lane'], exporter: 'gateway' },
  { name: 'pool_limit', type: 'gauge', help: '', labels: ['lane'], exporter: 'gateway' },
  { name: 'requests_total', type: 'counter', help: '', labels: ['route'], exporter: 'gateway' },
];

const TARGET = ['instance', 'job', 'namespace', 'pod', 'pod_template_hash'];

describe('the labels of a result are followed as the engine would', () => {
  test.each<[query: string, labels: readonly string[]]>([
    ['pool', ['lane', ...TARGET]],
    ['pool{lane="critical",job=~"gate.*",pod!=""} offset 5m', ['lane', ...TARGET]],
    ['-(pool @ end())', ['lane', ...TARGET]],
    ['max_over_time(rate(requests_total[5m])[1h:1m])', ['route', ...TARGET]],
    ['sum(pool)', []],
    ['sum by (lane, pod) (pool)', ['lane', 'pod']],
    ['sum(pool) without (lane, instance)', ['job', 'namespace', 'pod', 'pod_template_hash']],
    ['topk by (lane) (2, pool)', ['lane', ...TARGET]],
    ['count_values by (lane) ("value", pool)', ['lane', 'value']],
    ['histogram_quantile(0.99, sum by (le, route) (rate(latency_seconds_bucket[5m])))', ['route']],
    ['sum by (lane) (latency_seconds_sum) / sum by (lane) (latency_seconds_count)', ['lane']],
    ['pool / pool_limit > 0.9', ['lane', ...TARGET]],
    ['pool / on (lane, pod) pool_limit', ['lane', 'pod']],
    ['pool / ignoring (job) pool_limit', ['instance', 'lane', 'namespace', 'pod', 'pod_template_hash']],
    ['pool * on (pod) group_left (route) requests_total', ['lane', 'route', ...TARGET]],
    ['requests_total * on (pod) group_right (route) pool', ['lane', 'route', ...TARGET]],
    ['pool and on (pod) requests_total', ['lane', ...TARGET]],
    ['sum(pool) or vector(0)', []],
    ['label_replace(sum(pool), "team", "$1", "x", "(.*)")', ['team']],
    ['absent(pool{lane="critical",job=~"a|b",pod!="x"})', ['lane']],
    ['absent_over_time(pool{namespace="a"}[5m])', ['namespace']],
  ])('%s', (query, labels) => {
    const checked = checkQuery(query, { metrics: METRICS });
    expect(checked.problems).toEqual([]);
    expect([...(checked.labels ?? [])].sort()).toEqual([...labels].sort());
  });
});

describe('a name that leads nowhere is told with the nearest that does', () => {
  test.each<[query: string, problem: string, edit: string]>([
    ['pol', "names the metric 'pol', which nobody exports", "did you mean 'pool'?"],
    [
      'latency_seconds',
      "names the metric 'latency_seconds', which nobody exports",
      "did you mean 'latency_seconds_sum'?",
    ],
    ['qwertyuiop', "names the metric 'qwertyuiop'", 'add it to service/telemetry/catalogue.ts'],
    ['{job="gateway"}', 'selects series without naming a metric', 'put the metric before the braces'],
    ['pool{lan="critical"}', "matches 'pool' by the label 'lan'", "did you mean 'lane'?"],
    ['pool{le="1"}', "matches 'pool' by the label 'le'", 'there are: lane, pod_template_hash, job'],
    ['sum by (route) (pool)', "groups sum by the label 'route'", 'there are: lane'],
    ['sum by (lane) (sum by (pod) (pool))', "groups sum by the label 'lane'", 'there are: pod'],
    ['sum by (lane) (sum(pool))', "groups sum by the label 'lane'", 'there are: none'],
    ['pool / on (route) pool_limit', "matches its left side on the label 'route'", 'there are: lane'],
    ['pool / on (lane) requests_total', "matches its right side on the label 'lane'", 'there are: route'],
    ['pool * on (pod) group_left (version) requests_total', "takes over the label 'version'", 'there are: route'],
    [
      'pool / sum by (lane) (pool_limit)',
      'compares series that never match, since only one side has instance',
      'on (...)',
    ],
    ['histogram_quantile(0.9, sum by (route) (latency_seconds_bucket))', "the label 'le'", 'there are: route'],
    ['sum(pool', 'is not PromQL from its end on', 'complete'],
    ['pool[', 'is not PromQL from', 'complete'],
  ])('%s', (query, problem, edit) => {
    const [first] = checkQuery(query, { metrics: METRICS }).problems;
    expect(first?.problem).toContain(problem);
    expect(first?.edit).toContain(edit);
  });
});

describe('a value that a label never has is told with those that it has', () => {
  const bounded = new Map([
    ['pool', { lane: new Set(['critical', 'background']) }],
    ['latency_seconds', { le: new Set(['0.1', '0.5', '+Inf']) }],
  ]);
  const problemsOf = (query: string) => checkQuery(query, { metrics: METRICS, bounded }).problems;

  test.each([
    'pool{lane="critical"}',
    'pool{lane=~"crit.*"}',
    'pool{lane!="background"}',
    'pool{lane!~"background|critical"}',
    'pool{lane=~"background|.*"}',
    'pool{lane=""}',
    'pool{pod="anything"}',
    'latency_seconds_bucket{le="+Inf",route="anything"}',
    'pool_limit{lane="anything"}',
  ])('%s matches', (query) => {
    expect(problemsOf(query)).toEqual([]);
  });

  test.each<[query: string, problem: string, edit: string]>([
    ['pool{lane="critcal"}', `matches 'pool' by lane="critcal", which that label never is`, "did you mean 'critical'?"],
    ['pool{lane!="zzzzzzzz"}', `by lane!="zzzzzzzz"`, 'there are: critical, background'],
    ['pool{lane=~"background|critcal"}', `of which it never is 'critcal'`, "did you mean 'critical'?"],
    ['pool{lane=~"crit("}', 'which is no regular expression', 'compare with = and !='],
    ['pool{lane=~"crit"}', `by lane=~"crit"`, 'match a value that it has'],
    ['rate(latency_seconds_bucket{le="0.45"}[5m])', `by le="0.45"`, 'match a value that it has'],
  ])('%s is refused', (query, problem, edit) => {
    const [first] = problemsOf(query);
    expect(first?.problem).toContain(problem);
    expect(first?.edit).toContain(edit);
  });
});

describe('a window', () => {
  const interval = ({ name }: Metric): number | undefined => (name === 'pool' ? 5000 : undefined);
  const problemsOf = (query: string) => checkQuery(query, { metrics: METRICS, interval }).problems;

  test.each([
    'avg_over_time(pool[10s])',
    'avg_over_time(pool{lane="critical"}[1h30m] offset 1w)',
    'avg_over_time((pool > 0)[1m:30s])',
    'avg_over_time((pool > 0)[1m:])',
    'rate(requests_total[1s])',
    'avg_over_time(pool[2 * 1s])',
  ])('%s holds two values, or nobody knows', (query) => {
    expect(problemsOf(query)).toEqual([]);
  });

  test.each<[query: string, problem: string, edit: string]>([
    [
      'rate(pool[9s]) > 0',
      "looks back 9s at 'pool', of which there is one value each 5s",
      'look back 10s at least, since of one value there is no rate',
    ],
    ['avg_over_time(pool[9999ms] offset 1h)', 'looks back 9999ms', 'look back 10s at least'],
    ['avg_over_time((pool > 0)[59s:30s])', 'looks back 59s at what it evaluates each 30s', 'look back 60s'],
  ])('%s is too short', (query, problem, edit) => {
    expect(problemsOf(query)).toEqual([
      { problem: expect.stringContaining(problem), edit: expect.stringContaining(edit) },
    ]);
  });
});

test('what an environment does not record is told', () => {
  const unrecorded: readonly Metric[] = [
    { name: 'pool:use', type: 'gauge', help: '', labels: [], exporter: 'prometheus' },
  ];
  expect(checkQuery('pool:use > 1', { metrics: METRICS, unrecorded }).problems).toEqual([
    {
      problem: "names the metric 'pool:use' of a rule, which this environment does not have",
      edit: 'leave the row out where nothing records it, or record it here',
    },
  ]);
});

test('what a query asks for is told, with the labels that it pins', () => {
  const { selected } = checkQuery('rate(latency_seconds_bucket{le="1",route=~"a|b"}[5m]) > pool', { metrics: METRICS });
  expect(selected).toEqual([
    { metric: 'latency_seconds', pinned: { le: '1' } },
    { metric: 'pool', pinned: {} },
  ]);
});

test('a name in quotes is refused, which an older Prometheus does not read', () => {
  expect(checkQuery('pool{"lane"="critical"}', { metrics: METRICS }).problems).toMatchObject([
    { edit: expect.stringContaining('leave the quotes out') },
  ]);
});

test('the values of a gateway are those that its definition and its catalogue name', () => {
  const values = boundedLabels(definition.prod);
  const of = (name: string, label: string) => [...(values.get(name)?.[label] ?? [])];
  expect(of('gateway_limit_denials_total', 'limit')).toContain('address');
  expect(of('gateway_ai_cost_usd_total', 'model')).toEqual([...listedModels(definition.prod.ai), 'other']);
  expect(of('http_server_request_duration_seconds', 'route')).toEqual(
    expect.arrayContaining(Object.keys(definition.prod.routes)),
  );
  expect(of('gateway_release_outcomes_total', 'outcome')).toContain('restored');
  expect(of('http_server_request_duration_seconds', 'le')).toEqual(expect.arrayContaining(['0.5', '1', '1.0', '+Inf']));
  expect(of('redis_up', 'store')).toEqual(['redis', 'redis-cache']);
  expect(of('up', 'job')).toContain('postgres-exporter');
  expect(of('ALERTS', 'alertname')).toContain('GatewayDown');
  expect(of('slo:error_budget_left:ratio', 'slo')).toContain('availability');
  expect(of('slo:error_budget_left:ratio', 'namespace')).toEqual(['sluice-prod']);
});
