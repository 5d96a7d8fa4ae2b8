import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Administration } from '../../../service/gateway/admin.ts';
import { createOpsServer } from '../../../service/gateway/ops.ts';
import { createMetricSums } from '../../../service/gateway/processes/metric-sums.ts';
import { Cells, layOutCells } from '../../../service/telemetry/cells.ts';
import { createExposition } from '../../../service/telemetry/exposition.ts';
import { BENCH_BODY } from './body.ts';

/** A primary and a worker with two thousand routes, put together as the gateway's are: ten thousand histograms. */
const routes = Array.from({ length: 2_000 }, (_, index) => ({ id: `r${index}`, method: 'GET', lane: 'critical' }));
const layout = layOutCells({ routes, lanes: ['critical'], limits: [], breakers: [] });
const REPORT_INTERVAL_MS = 500;

if (cluster.isPrimary) {
  cluster.setupPrimary({ serialization: 'advanced' });
  const sums = createMetricSums(layout);
  cluster.on('message', (worker, values: Float64Array) => sums.update(worker.id, values));
  createOpsServer({
    metrics: createExposition({ layout, cells: sums.read }),
    whyNotReady: () => undefined,
    dependencies: () => Promise.resolve({}),
    admin: { token: undefined, administration: {} as Administration },
  }).listen(Number(process.env.OPS_PORT), '127.0.0.1');
  cluster.fork();
} else {
  const cells = new Cells(layout);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  setInterval(() => process.send?.(cells.values), REPORT_INTERVAL_MS);
  createServer((request, response) => {
    cells.observeRequest(0, 200, 0.001);
    if (request.url !== '/stall') return void response.end(BENCH_BODY);
    // What the histogram counts includes the timer's own millisecond.
    response.end(String(delay.max / 1e6 - 1));
    delay.reset();
  }).listen(Number(process.env.PORT), '127.0.0.1');
}
