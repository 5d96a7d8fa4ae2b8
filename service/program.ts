import cluster from 'node:cluster';
import { setImmediate as turn } from 'node:timers/promises';
import { readConfig, type Config } from './config.ts';
import { toBytes } from './definition/index.ts';
import { measuredOf } from './gateway/processes/measured.ts';
import { PROXY_ROUTE } from './gateway/proxy.ts';
import { METRICS } from './telemetry/catalogue.ts';
import { Cells, layOutCells, type Measured } from './telemetry/cells.ts';
import { createLog } from './telemetry/log.ts';
import { readOrExit } from './variables.ts';

const config = readOrExit(readConfig);
const layout = layOutCells(measured(config));
const cells = new Cells(layout);
const log = createLog({
  level: config.logLevel,
  base: {
    service: config.service.name,
    environment: config.service.environment,
    process: cluster.worker?.id ?? 'primary',
  },
  maxBytes: toBytes(config.service.telemetry.logs.buffer),
  onDrop: cells.counter(METRICS.logDropped),
});

// Each process loads only what its role needs: the libraries of the other would cost it tens of megabytes.
if (cluster.isPrimary) {
  const { runPrimary } = await import('./gateway/processes/primary.ts');
  // Modules are loaded in one go: a signal that came meanwhile ends the process here, before anything has begun.
  await turn();
  await runPrimary(config, layout, cells, log);
} else {
  const { runWorker } = await import('./gateway/processes/worker.ts');
  await runWorker(config, cells, log);
}

function measured({ service, proxyOrigin }: Config): Measured {
  const application = measuredOf(service);
  if (proxyOrigin === undefined) return application;
  return { ...application, routes: [{ id: PROXY_ROUTE, method: 'any', lane: 'critical' }] };
}
