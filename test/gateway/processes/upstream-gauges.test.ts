import { expect, test } from '@jest/globals';
import { definition } from '../../../service/definition/index.ts';
import { createUpstreamGauges } from '../../../service/gateway/processes/upstream-gauges.ts';
import { METRICS, type Metric } from '../../../service/telemetry/catalogue.ts';
import { Cells, layOutCells } from '../../../service/telemetry/cells.ts';

test('connections to the upstream are told with what they may be and who waits, by pool', () => {
  const layout = layOutCells({ routes: [], lanes: [], limits: [], breakers: [] });
  const cells = new Cells(layout);
  const counts = {
    critical: { open: 7, idle: 2, waiting: 0 },
    background: { open: 0, idle: 0, waiting: 0 },
    stream: { open: 3, idle: 0, waiting: 4 },
  };
  const settings = { ...definition.prod.upstream, connections: 10, streamConnections: 3 };
  createUpstreamGauges(cells, { connections: () => counts }, settings)();
  const told = (wanted: Metric) =>
    layout.series.flatMap(({ metric, labels, offset }) =>
      metric === wanted ? [[labels.pool, cells.values[offset]]] : [],
    );

  expect(told(METRICS.upstreamConnections)).toEqual([
    ['critical', 5],
    ['background', 0],
    ['stream', 3],
  ]);
  expect(told(METRICS.upstreamConnectionsLimit)).toEqual([
    ['critical', 10],
    ['background', 10],
    ['stream', 3],
  ]);
  expect(told(METRICS.upstreamWaiting)).toEqual([
    ['critical', 0],
    ['background', 0],
    ['stream', 4],
  ]);
});
