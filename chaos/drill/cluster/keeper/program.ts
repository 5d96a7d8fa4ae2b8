import { setImmediate as turn } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node';
import { afterRealTime, startLoop } from '../../../../alerts/rollback/loop.ts';
import { createLog } from '../../../../service/telemetry/log.ts';
import { readOrExit } from '../../../../service/variables.ts';
import { SYSTEM_CLOCK } from '../../clock.ts';
import { proxyControl } from '../faults/index.ts';
import { journalStore } from '../journal/index.ts';
import { connect, leaseAt } from '../kubernetes.ts';
import { DRILL } from '../names.ts';
import { placeAt } from '../place.ts';
import { readDrillSettings } from '../settings.ts';
import { createKeeper } from './keeper.ts';
import { createKeeperMetrics } from './metrics.ts';
import { createPulse } from './pulse.ts';
import { createKeeperServer } from './server.ts';

/** Exit codes as of the command line: something failed, and something that is needed is not there. */
const EXIT = { failed: 1, missing: 69 } as const;
const LAST_MOMENTS_MS = 3_000;

// Modules are loaded in one go: a signal that came meanwhile ends the process here, before anything has begun.
await turn();
const { service, key, host, port, identity } = readOrExit(readDrillSettings);
const log = createLog({
  level: service.logLevel,
  base: { service: service.name, process: 'drill-keeper', pod: identity },
});
if (!service.drills.enabled || service.environment === 'prod') {
  log.error(
    `drills are not enabled in ${service.environment}: nothing is kept here; set drills.enabled, never of prod`,
  );
  log.flush(() => process.exit(EXIT.failed));
}

const kubeConfig = new KubeConfig();
kubeConfig.loadFromDefault();
const place = placeAt(connect(kubeConfig), service.namespace);
const store = journalStore(place);
const lease = leaseAt(place.connection, place.path('Lease', DRILL.lease), {
  identity,
  now: () => performance.now(),
  pause: SYSTEM_CLOCK.wait,
  onError: (error) => log.error({ err: error }, 'the Lease could not be renewed'),
});
const metrics = createKeeperMetrics();
const keeper = createKeeper({
  faults: { place, service, clock: SYSTEM_CLOCK, proxies: proxyControl(key) },
  store,
  lease,
  pulse: createPulse({ now: () => performance.now() }),
  metrics,
  log,
  wake: () => loop.wake(),
});
const server = createKeeperServer({
  key,
  isReady: keeper.isReady,
  metrics: metrics.read,
  stop: keeper.stop,
  onError: (error) => log.error({ err: error }, 'request failed'),
});
server.on('error', (error) => {
  process.stderr.write(`The keeper cannot listen on ${host}:${port}: ${error.message}; set PORT to a free one.\n`);
  process.exit((error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? EXIT.missing : EXIT.failed);
});
server.listen(port, host, () => log.info({ port, namespace: service.namespace }, 'listening'));
lease.start();
const loop = startLoop({ turn: keeper.turn, after: afterRealTime });

let isStopping = false;
const stop = async (): Promise<void> => {
  if (isStopping) return;
  isStopping = true;
  log.info('stopping');
  await loop.stop();
  await keeper.leave().catch((error: unknown) => log.error({ err: error }, 'a fault could not be taken back'));
  // Only now: what was done, was done by whoever leads.
  await lease.stop();
  server.close();
  server.closeIdleConnections();
  log.info('stopped');
  setTimeout(() => process.exit(0), LAST_MOMENTS_MS).unref();
};
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());
