import { randomInt } from 'node:crypto';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node';
import { createLog } from '../../service/telemetry/log.ts';
import { toMilliseconds } from '../../service/definition/index.ts';
import { readOrExit } from '../../service/variables.ts';
import { openGuardCluster } from './cluster/index.ts';
import { createComplaints } from './guard/complaints.ts';
import { storeOf } from './guard/event-store.ts';
import { createGuard } from './guard/guard.ts';
import { afterRealTime, startLoop } from './loop.ts';
import { createGuardMetrics } from './metrics.ts';
import { policyOf } from './policy.ts';
import { createProbes } from './probes.ts';
import { createPrometheus } from './prometheus.ts';
import { createGuardServer } from './server.ts';
import { readSettings } from './settings.ts';
import { createSigns } from './signs.ts';
import { createTeller } from './tell.ts';
import { createWatchdog } from './watchdog.ts';
import { createWebhook } from './webhook/webhook.ts';

/** Exit codes as of the command line: something failed, and something that is needed is not there. */
const EXIT = { failed: 1, missing: 69 } as const;
// Milliseconds.
const PROBES_STEP = 100;
const LAST_MOMENTS = 3_000;
/** What `randomInt` can give at most; a guard's whole life is short beside it, so that no two meet. */
const LAST_FIRST_NUMBER = 2 ** 48 - 1;

// Modules are loaded in one go: a signal that came meanwhile ends the process here, before anything has begun.
await turn();
const { config, token, probeKey, host, port, logLevel, identity } = readOrExit(readSettings);
const { namespace, release, prometheusUrl } = config;
const policy = policyOf(config);
const now = Date.now;
const log = createLog({ level: logLevel, base: { service: config.name, process: 'guard', pod: identity } });
const metrics = createGuardMetrics({ now });
const complain = createComplaints({ log, metrics, now });

const kubeConfig = new KubeConfig();
kubeConfig.loadFromDefault();
const cluster = openGuardCluster({
  config: kubeConfig,
  namespace,
  identity,
  onLeaseError: (error) => complain('lease', error),
});

const prometheus = createPrometheus({
  url: prometheusUrl,
  namespace,
  freshFor: toMilliseconds(config.freshFor),
  now,
});
const tell = createTeller({ ...config, onFailure: (error) => complain('tell', error), now, wait });
const signs = createSigns({ write: cluster.store.writeSigns, onFailure: (error) => complain('store', error) });
const watchdog = createWatchdog({ silence: policy.silence, tell });
const probes = createProbes({
  paths: policy.probePaths,
  firstNumber: randomInt(LAST_FIRST_NUMBER),
  port: config.gateway.port,
  key: probeKey,
  window: toMilliseconds(release.window),
  addresses: cluster.podAddresses,
  now: () => performance.now(),
  onResult(to, result, reason) {
    metrics.probed(to, result);
    if (reason !== undefined) log.debug({ to, reason }, 'synthetic request failed');
  },
  onFailure: (error) => complain('read', error),
});
const wake = (): void => loop.wake();
const guard = createGuard({
  cluster,
  prometheus,
  probes,
  signs,
  watchdog,
  tell,
  metrics,
  policy,
  now,
  log,
  complain,
  wake,
});
const server = createGuardServer({
  takeAlerts: createWebhook({
    token,
    sources: release.guard.sources,
    namespace,
    externalLabels: release.guard.externalLabels,
    alertAge: policy.alertAge,
    now,
    store: storeOf({ store: cluster.store, complain, wake }),
    onWatchdog: (at) => signs.note('watchdog', at),
    log,
  }),
  onDelivery: metrics.delivered,
  isReady: guard.isReady,
  metrics: metrics.read,
  status: guard.status,
  log,
});
server.on('error', (error) => {
  process.stderr.write(`The guard cannot listen on ${host}:${port}: ${error.message}; set PORT to a free one.\n`);
  process.exit((error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? EXIT.missing : EXIT.failed);
});
server.listen(port, host, () => log.info({ port, mode: policy.mode, namespace }, 'listening'));

cluster.lease.start();
const loop = startLoop({ turn: guard.turn, after: afterRealTime });
const stepping = setInterval(probes.step, PROBES_STEP);

let isStopping = false;
const stop = async (): Promise<void> => {
  if (isStopping) return;
  isStopping = true;
  log.info('stopping');
  await loop.stop();
  clearInterval(stepping);
  // Only now: what the turn did that was under way, it did as leader.
  await cluster.lease.stop();
  // Alerts are taken to the last: any guard stores them for whoever leads next.
  server.close();
  server.closeIdleConnections();
  log.info('stopped');
  // Whoever is slow to take an answer, or to give one, is not waited for.
  setTimeout(() => process.exit(0), LAST_MOMENTS).unref();
};
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());
