import { expect } from '@jest/globals';
import {
  above,
  add,
  below,
  count,
  divide,
  evaluate,
  increase,
  max,
  min,
  multiply,
  quantile,
  rate,
  series,
  subtract,
  sum,
  time,
  toPromql,
  type Expression,
} from '../../../service/telemetry/expression/index.ts';
import { METRICS } from '../../../service/telemetry/catalogue.ts';
import { runTool, testWith } from '../../alerts/tools.ts';
import { recordingOf, STEP_SECONDS, type Values } from './recording.ts';

const WINDOW_SECONDS = 30;
const LOOKUPS = METRICS.cacheLookups;
const DURATION = METRICS.requestDuration;

const VALUES: Values = {
  'gateway_cache_lookups_total{result="hit"}': [0, 10, 20, 30, 45, 60, 90],
  'gateway_cache_lookups_total{result="miss"}': [0, 5, 5, 5, 5, 5, 10],
  'gateway_cache_lookups_total{result="error"}': [0, 0, 0, 0, 0, 0, 0],
  'gateway_lane_in_flight{lane="critical"}': [0, 1, 2, 3, 4, 5, 6],
  'gateway_lane_in_flight{lane="background"}': [0, 0, 0, 0, 0, 0, 1],
  'gateway_lane_in_flight_limit{lane="critical"}': [8, 8, 8, 8, 8, 8, 8],
  'gateway_lane_in_flight_limit{lane="background"}': [4, 4, 4, 4, 4, 4, 4],
  'http_server_request_duration_seconds_bucket{route="search",le="0.1"}': [0, 1, 2, 3, 4, 5, 6],
  'http_server_request_duration_seconds_bucket{route="search",le="0.3"}': [0, 2, 4, 6, 8, 10, 12],
  'http_server_request_duration_seconds_bucket{route="search",le="0.5"}': [0, 2, 4, 6, 8, 10, 13],
  'http_server_request_duration_seconds_bucket{route="search",le="+Inf"}': [0, 2, 4, 6, 8, 10, 14],
  'http_server_request_duration_seconds_bucket{route="health",le="0.1"}': [0, 0, 0, 0, 0, 0, 0],
  'http_server_request_duration_seconds_bucket{route="health",le="0.3"}': [0, 0, 0, 0, 0, 0, 0],
  'http_server_request_duration_seconds_bucket{route="health",le="0.5"}': [0, 0, 0, 0, 0, 0, 0],
  'http_server_request_duration_seconds_bucket{route="health",le="+Inf"}': [0, 0, 0, 0, 0, 0, 0],
};

const room = divide(series(METRICS.laneInFlight), series(METRICS.laneLimit));
const buckets = rate(series(DURATION, {}, '_bucket'));

/** What panels ask, one of each kind; Prometheus is the judge of what it is. */
const EXPRESSIONS: Readonly<Record<string, Expression>> = {
  'a gauge': series(METRICS.laneInFlight),
  'one of its series': series(METRICS.laneInFlight, { lane: 'critical' }),
  'all but one': series(METRICS.laneInFlight, { lane: '!=critical' }),
  'those that match a pattern as a whole': series(LOOKUPS, { result: '=~hit|mis' }),
  'those that do not': series(LOOKUPS, { result: '!~hit|miss' }),
  'those without a label': series(LOOKUPS, { lane: '' }),
  'the rate of a counter': rate(series(LOOKUPS)),
  'its increase': increase(series(LOOKUPS)),
  'a sum by nothing': sum([], series(METRICS.laneInFlight)),
  'a sum by a label': sum(['result'], rate(series(LOOKUPS))),
  'a sum by a label that is not there': sum(['lane'], rate(series(LOOKUPS))),
  'the largest': max([], series(METRICS.laneInFlight)),
  'the smallest': min([], series(METRICS.laneInFlight)),
  'how many': count([], series(METRICS.laneInFlight)),
  'one by the other': room,
  'nothing by nothing': divide(rate(series(LOOKUPS, { result: 'error' })), rate(series(LOOKUPS, { result: 'error' }))),
  'a share': divide(sum([], rate(series(LOOKUPS, { result: 'hit' }))), sum([], rate(series(LOOKUPS)))),
  'one by a number': divide(series(METRICS.laneInFlight), 4),
  'a number less one': subtract(10, series(METRICS.laneInFlight)),
  'the time since': subtract(time(), series(METRICS.laneInFlight)),
  'more of it': add(multiply(series(METRICS.laneInFlight), 3), 1),
  'in the order that was written': multiply(add(series(METRICS.laneInFlight), 1), 2),
  'what is above': above(room, 0.5),
  'what is below': below(series(METRICS.laneInFlight), 2),
  'nothing above': above(series(METRICS.laneInFlight), 100),
  'a median': quantile(0.5, sum(['route', 'le'], buckets)),
  'a quantile in the last bucket but one': quantile(0.9, sum(['route', 'le'], buckets)),
  'a quantile above the last edge': quantile(0.99, sum(['route', 'le'], buckets)),
  'a quantile over all': quantile(0.5, sum(['le'], buckets)),
};

for (const [what, expression] of Object.entries(EXPRESSIONS)) {
  testWith('promtool', `Prometheus and the evaluation agree on ${what}`, () => {
    const computed = evaluate(expression, recordingOf(VALUES), WINDOW_SECONDS);

    // Nobody's answer is written here: an expectation that is the computed one must hold for Prometheus.
    const test = {
      evaluation_interval: `${STEP_SECONDS}s`,
      tests: [
        {
          interval: `${STEP_SECONDS}s`,
          input_series: Object.entries(VALUES).map(([name, values]) => ({ series: name, values: values.join(' ') })),
          promql_expr_test: [
            {
              expr: comparable(toPromql(expression, { matchers: () => ({}), window: `${WINDOW_SECONDS}s` })),
              eval_time: `${WINDOW_SECONDS}s`,
              exp_samples: computed
                .filter(({ value }) => !Number.isNaN(value))
                .map(({ labels, value }) => ({ labels: labelsText(labels), value })),
            },
          ],
        },
      ],
    };
    const { status, output } = runTool('promtool', ['test', 'rules', 'test.yaml'], { 'test.yaml': test });
    expect({ status, output }).toEqual({ status: 0, output: expect.stringContaining('SUCCESS') });
  });
}

/** Promtool compares names too, which an evaluation does not keep, and to it nothing that is no number is equal. */
function comparable(query: string): string {
  return `(${query}) + 0 >= -Inf`;
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  return `{${Object.entries(labels)
    .map(([label, value]) => `${label}="${value}"`)
    .join(',')}}`;
}
