import { describe, expect, test } from '@jest/globals';
import { checkService } from '../../infra/invariants/index.ts';
import { wrongEdges } from '../../infra/invariants/rules/buckets.ts';
import { definition, withValues } from '../../service/definition/index.ts';
import { LATENCY_BUCKETS, METRICS, type Metric } from '../../service/telemetry/catalogue.ts';
import { describeCases } from './case.ts';

describeCases([
  {
    rule: 'buckets',
    path: 'slo.latency',
    broken: ['slo.latency=450ms'],
    sound: ['slo.latency=300ms'],
    problem:
      '450ms slo.latency is no edge of http_server_request_duration_seconds, which has 5ms, 10ms, 25ms, 50ms, 100ms, ' +
      '200ms, 300ms, 500ms, 800ms, 1s, 2500ms, 5s, 10s, 30s, 1m',
    fix: 'slo.latency=300ms',
  },
  {
    rule: 'buckets',
    path: 'release.latency',
    broken: ['release.latency=750ms'],
    sound: ['release.latency=800ms'],
    problem:
      '750ms release.latency is no edge of http_server_request_duration_seconds, which has 5ms, 10ms, 25ms, 50ms, ' +
      '100ms, 200ms, 300ms, 500ms, 800ms, 1s, 2500ms, 5s, 10s, 30s, 1m',
    fix: 'release.latency=500ms',
  },
]);

test('a threshold beyond all edges is told the last one', () => {
  const findings = checkService(withValues(definition.prod, ['slo.latency=2m'])).filter(
    ({ rule }) => rule === 'buckets',
  );
  expect(findings).toMatchObject([{ path: 'slo.latency', fixes: [{ settings: ['slo.latency=1m'] }] }]);
});

describe('edges', () => {
  const histogram = (buckets: readonly number[]): Readonly<Record<string, Metric>> => ({
    pause: { name: 'pause_seconds', type: 'histogram', help: '', labels: [], buckets, exporter: 'gateway' },
  });

  test.each<[title: string, buckets: readonly number[], problem: string]>([
    ['that fall', [1, 3, 2], 'pause_seconds has the edge 2 after 3'],
    ['that repeat', [1, 1], 'pause_seconds has the edge 1 after 1'],
    ['at zero', [0, 1], 'pause_seconds has the edge 0 at the beginning'],
    ['below zero', [-1, 1], 'pause_seconds has the edge -1 at the beginning'],
    ['that are no number', [1, Number.NaN], 'pause_seconds has the edge NaN after 1'],
    ['without end', [1, Infinity], 'pause_seconds has the edge Infinity after 1'],
  ])('%s are refused with their place', (_, buckets, problem) => {
    expect(wrongEdges(histogram(buckets))).toEqual([
      { path: 'service/telemetry METRICS.pause.buckets', problem, fixes: [expect.anything()] },
    ]);
  });

  test('of the catalogue ascend, and hold what objectives and releases are judged by, also for models', () => {
    expect(wrongEdges(METRICS)).toEqual([]);
    expect(LATENCY_BUCKETS).toEqual(expect.arrayContaining([0.3, 0.5, 0.8]));
    expect(METRICS.aiOverhead.buckets).toEqual(expect.arrayContaining([...LATENCY_BUCKETS]));
  });
});
