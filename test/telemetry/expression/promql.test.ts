import { expect, test } from '@jest/globals';
import {
  add,
  divide,
  multiply,
  namespaceScope,
  rate,
  selectionsOf,
  series,
  sum,
  toPromql,
} from '../../../service/telemetry/expression/index.ts';
import { METRICS } from '../../../service/telemetry/catalogue.ts';

const scope = namespaceScope('shop', '5m');

test('a selection is that of the namespace and of the job of whoever exports the metric', () => {
  expect(toPromql(series(METRICS.laneInFlight, { lane: 'critical' }), scope)).toBe(
    'gateway_lane_in_flight{job="gateway",namespace="shop",lane="critical"}',
  );
  expect(toPromql(series(METRICS.redisUp), scope)).toBe('redis_up{job="redis-exporter",namespace="shop"}');
  expect(toPromql(series(METRICS.up, { job: 'gateway' }), scope)).toBe('up{namespace="shop",job="gateway"}');
});

test('a label that the question and whoever asks both name must match both', () => {
  const asked = series(METRICS.requestDuration, { route: '!~health' }, '_count');
  expect(toPromql(asked, { matchers: () => ({ route: '=~search|chat' }), window: '1m' })).toBe(
    'http_server_request_duration_seconds_count{route=~"search|chat",route!~"health"}',
  );
});

test('whoever asks is told how far back an expression itself looks', () => {
  const windows: (string | undefined)[] = [];
  const spying = { matchers: (_: unknown, window: string | undefined) => (windows.push(window), {}), window: '1m' };
  const of = series(METRICS.limitTrips);
  for (const expression of [rate(of), rate(of, '1d'), of]) toPromql(expression, spying);
  expect(windows).toEqual([undefined, '1d', undefined]);
});

test('text in matchers is quoted', () => {
  expect(toPromql(series(METRICS.laneInFlight, { lane: '=~a"b\\d' }), { matchers: () => ({}), window: '1m' })).toBe(
    'gateway_lane_in_flight{lane=~"a\\"b\\\\d"}',
  );
});

test('a rate looks back as far as it says, else as far as whoever asks', () => {
  const of = series(METRICS.limitTrips);
  expect(toPromql(sum([], rate(of)), scope)).toBe(
    'sum(rate(gateway_limit_store_trips_total{job="gateway",namespace="shop"}[5m]))',
  );
  expect(toPromql(rate(of, '1d'), scope)).toContain('[1d]');
});

test('nothing is left to the precedence of operators', () => {
  const two = { kind: 'number', value: 2 } as const;
  expect(toPromql(multiply(add(two, 3), 4), scope)).toBe('(2 + 3) * 4');
  expect(toPromql(divide(two, add(two, 1)), scope)).toBe('2 / (2 + 1)');
});

test('every selection of an expression is found', () => {
  const share = divide(sum([], rate(series(METRICS.shed))), add(series(METRICS.streams), 1));
  expect(selectionsOf(share).map(({ metric }) => metric.name)).toEqual([
    'gateway_requests_shed_total',
    'gateway_streams_active',
  ]);
});
