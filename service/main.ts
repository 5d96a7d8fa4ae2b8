import cluster from 'node:cluster';
import { configOrExit } from './config-or-exit.ts';
import type { Config } from './config.ts';
import { LANES } from './definition/index.ts';
import { BREAKERS } from './gateway/processes/protection.ts';
import { PROXY_ROUTE } from './gateway/proxy.ts';
import { UNMATCHED } from './gateway/router.ts';
import { limitNames } from './limit/index.ts';
import { layOutCells, type MeasuredRoute } from './telemetry/cells.ts';
import { createLog } from './telemetry/log.ts';

const config = configOrExit();
const log = createLog({
  level: config.logLevel,
  base: {
    service: config.service.name,
    environment: config.service.environment,
    process: cluster.worker?.id ?? 'primary',
  },
});
const layout = layOutCells({
  routes: measuredRoutes(config),
  lanes: LANES,
  limits: limitNames(config.service),
  breakers: Object.keys(BREAKERS),
});

// Each process loads only what its role needs: the libraries of the other would cost it tens of megabytes.
if (cluster.isPrimary) {
  const { runPrimary } = await import('./gateway/processes/primary.ts');
  await runPrimary(config, layout, log);
} else {
  const { runWorker } = await import('./gateway/processes/worker.ts');
  await runWorker(config, layout, log);
}

function measuredRoutes({ service, proxyOrigin }: Config): MeasuredRoute[] {
  if (proxyOrigin !== undefined) return [{ id: PROXY_ROUTE, method: 'any', lane: 'critical' }];
  const routes = Object.entries(service.routes).map(([id, { method, lane }]) => ({ id, method, lane }));
  return [...routes, { id: UNMATCHED, method: 'any', lane: 'critical' }];
}
