import { randomBytes } from 'node:crypto';
import { createApp, findKeyOwner } from '../../app/index.ts';
import { ResponseCache } from '../../cache/index.ts';
import type { Config } from '../../config.ts';
import { LANES, toBytes, toMilliseconds } from '../../definition/index.ts';
import { createDatabase } from '../../store/postgres.ts';
import { createSessions } from '../../store/sessions.ts';
import { METRICS } from '../../telemetry/catalogue.ts';
import { Cells, type CellLayout } from '../../telemetry/cells.ts';
import type { Log } from '../../telemetry/log.ts';
import { createListener } from '../listener.ts';
import { createProxyHandler, createProxyRouter } from '../proxy.ts';
import { createRouter } from '../router.ts';
import { createPipeline, createProxyPipeline } from '../pipeline.ts';
import { createUpstreamClient } from '../upstream.ts';
import type { PrimaryMessage, WorkerMessage } from './messages.ts';
import { createPrimaryLink } from './primary-link.ts';
import { createRecorder } from './recorder.ts';
import { connectStores } from './stores.ts';

/** Time between two reports of a worker's numbers to the primary. */
const REPORT_INTERVAL_MS = 500;

/** One worker: config, clients, server, shutdown. It obeys the primary alone; signals are the primary's to read. */
export function runWorker(config: Config, layout: CellLayout, log: Log): void {
  const { service } = config;
  const cells = new Cells(layout);
  const send = (message: WorkerMessage): void => {
    if (process.connected) process.send?.(message);
  };
  const link = createPrimaryLink(send);
  const stores = connectStores({ config, link, cells, log });
  const upstream = createUpstreamClient({
    origin: config.proxyOrigin ?? config.upstreamOrigin,
    settings: service.upstream,
    onAttempt: (outcome) => cells.counter(METRICS.upstreamAttempts, { outcome })(),
  });
  const { pools } = service.datastores.postgres;
  // Rounded down, so that the workers together never open more than the pod may; each needs one.
  const share = (connections: number): number => Math.max(1, Math.floor(connections / config.workers));
  const ownPools = { critical: share(pools.critical), background: share(pools.background) };
  let draining = false;
  const { onStart, onEnd } = createRecorder(cells, log);
  const { database, router, answer } = config.proxyOrigin === undefined ? application() : proxy();

  const prefix = randomBytes(6).toString('hex');
  let requests = 0;
  const server = createListener({
    service,
    router,
    answer,
    // Counting is enough after a random start: an id has to be unique, not secret.
    nextId: () => `${prefix}-${(requests++).toString(36)}`,
    onStart,
    onEnd,
    isDraining: () => draining,
  });
  server.once('error', (error: NodeJS.ErrnoException) => {
    send({ type: 'failed', reason: listenFailure(error, config.port) });
  });
  server.listen(config.port, config.host, () => send({ type: 'listening' }));

  const report = setInterval(() => send({ type: 'cells', values: measure() }), REPORT_INTERVAL_MS);
  process.on('message', (message: PrimaryMessage) => {
    if (message.type === 'answers') link.receive(message.answers);
    else if (message.type === 'drain') draining = true;
    else void stop();
  });
  // Ctrl-C reaches the whole process group; when a worker stops is the primary's decision.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
  process.on('disconnect', () => process.exit(1));

  function application() {
    const { acquireTimeout, statementTimeout } = service.datastores.postgres;
    const countError = cells.counter(METRICS.storeErrors, { store: 'postgres' });
    const database = createDatabase({
      connectionString: config.databaseUrl ?? '',
      pools: ownPools,
      acquireTimeout,
      statementTimeout,
      onError: () => countError(),
    });
    const sessions = createSessions({ store: stores.values, lifetimeMs: toMilliseconds(service.sessions.lifetime) });
    const countLookup = {
      hit: cells.counter(METRICS.cacheLookups, { result: 'hit' }),
      miss: cells.counter(METRICS.cacheLookups, { result: 'miss' }),
      bypass: cells.counter(METRICS.cacheLookups, { result: 'bypass' }),
      error: cells.counter(METRICS.cacheLookups, { result: 'error' }),
    };
    const answer = createPipeline({
      service,
      limitStore: config.limits ? stores.limits : undefined,
      credentials: {
        key: (hash) => findKeyOwner(database, hash),
        session: async (token) => (await sessions.find(token))?.owner,
      },
      cache: new ResponseCache({
        shared: stores.values,
        maxBytes: toBytes(service.gateway.memory.cache),
        onError: () => countLookup.error(),
      }),
      onDecision: countDecision(),
      onLookup: (result) => countLookup[result](),
    });
    return { database, router: createRouter(service.routes, createApp({ database, upstream, sessions })), answer };
  }

  function proxy() {
    const router = createProxyRouter(createProxyHandler(upstream), service.gateway.requestTimeout);
    const answer = createProxyPipeline({
      service,
      limitStore: config.limits ? stores.limits : undefined,
      onDecision: countDecision(),
    });
    return { database: undefined, router, answer };
  }

  function countDecision(): (decision: 'allowed' | 'denied') => void {
    const count = {
      allowed: cells.counter(METRICS.limitDecisions, { decision: 'allowed' }),
      denied: cells.counter(METRICS.limitDecisions, { decision: 'denied' }),
    };
    return (decision) => count[decision]();
  }

  function measure(): Float64Array {
    const { user, system } = process.cpuUsage();
    cells.gauge(METRICS.cpuSeconds)((user + system) / 1e6);
    cells.gauge(METRICS.residentMemory)(process.memoryUsage.rss());
    for (const lane of LANES) {
      cells.gauge(METRICS.poolLimit, { lane })(database ? ownPools[lane] : 0);
      cells.gauge(METRICS.poolConnections, { lane })(database?.connections(lane) ?? 0);
    }
    return cells.values;
  }

  async function stop(): Promise<void> {
    draining = true;
    await new Promise((closed) => {
      server.close(closed);
      server.closeIdleConnections();
    });
    clearInterval(report);
    send({ type: 'cells', values: measure() });
    await Promise.allSettled([upstream.close(), database?.close(), stores.close()]);
    log.flush();
    process.disconnect();
    process.exit(0);
  }
}

function listenFailure(error: NodeJS.ErrnoException, port: number): string {
  return error.code === 'EADDRINUSE'
    ? `port ${port} is in use; stop what uses it or choose another with PORT`
    : `cannot listen on port ${port}: ${error.message}`;
}
