import { randomBytes } from 'node:crypto';
import type { Config } from '../../config.ts';
import { LANES } from '../../definition/index.ts';
import { LABEL_VALUES, METRICS } from '../../telemetry/catalogue.ts';
import type { Cells } from '../../telemetry/cells.ts';
import type { BreakerRegistry } from '../../resilience/index.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Tracing } from '../../telemetry/trace/index.ts';
import { ownMemory } from '../../telemetry/own-memory.ts';
import { watchRuntime } from '../../telemetry/runtime.ts';
import { createClientAddress } from '../client-address.ts';
import { FastListener } from '../fast/index.ts';
import { createListener, type ListenerOptions } from '../listener.ts';
import { createUpstreamClient } from '../upstream/index.ts';
import { createApplicationFront, createProxyFront } from './front.ts';
import type { PrimaryMessage, WorkerMessage } from './messages.ts';
import { createPrimaryLink } from './primary-link.ts';
import { createProtection } from './protection.ts';
import { createRecorder } from './recorder.ts';
import { connectStores } from './stores.ts';
import { createUpstreamGauges } from './upstream-gauges.ts';

/** Time between two reports of a worker's numbers to the primary. */
const REPORT_INTERVAL_MS = 500;

/** One worker: clients, server, shutdown. It obeys the primary alone; signals are the primary's to read. */
export async function runWorker(config: Config, cells: Cells, log: Log): Promise<void> {
  const { service } = config;
  // The primary counts the program itself, once for all.
  const runtime = watchRuntime(cells, ownMemory);
  const send = (message: WorkerMessage): void => {
    if (process.connected) process.send?.(message);
  };
  const link = createPrimaryLink(send);
  const protection = createProtection({ config, cells, log });
  const { breakers, registry } = protection;
  const tracing = await startTracing(config, cells);
  const stores = connectStores({ config, link, breakers, cells, log });
  await stores.ready;
  const upstream = createUpstreamClient({
    origin: config.proxyOrigin ?? config.upstreamOrigin,
    settings: service.upstream,
    onAttempt: cells.counters(METRICS.upstreamAttempts, 'outcome', LABEL_VALUES.outcome),
    breakers: { critical: breakers['upstream-critical'], background: breakers['upstream-background'] },
  });
  const createFront = config.proxyOrigin === undefined ? createApplicationFront : createProxyFront;
  const front = createFront({ config, stores, upstream, protection, cells, log });
  const countCut = cells.counters(METRICS.streamsCut, 'lane', LANES);
  const prefix = randomBytes(6).toString('hex');
  let requests = 0;
  let draining = false;
  const listening: ListenerOptions = {
    service,
    router: front.router,
    answer: front.answer,
    clientAddress: createClientAddress(service.gateway),
    // Counting is enough after a random start: an id has to be unique, not secret.
    nextId: () => `${prefix}-${(requests++).toString(36)}`,
    ...createRecorder(cells, log, { ...service.telemetry.logs, tracer: tracing?.tracer }),
    tracer: tracing?.tracer,
    onCut: ({ route }) => countCut(route.lane),
    isDraining: () => draining,
  };
  const server = front.hits ? new FastListener({ ...listening, hits: front.hits }) : createListener(listening);
  server.once('error', (error: NodeJS.ErrnoException) => {
    send({ type: 'failed', reason: listenFailure(error, config.port) });
  });
  const measureUpstream = createUpstreamGauges(cells, upstream, service.upstream);
  const setConnections = cells.gauge(METRICS.activeConnections);
  const report = (): void => {
    // Told a moment later, and so with the next report.
    server.getConnections((_error, open) => setConnections(open));
    runtime.measure();
    front.measure();
    protection.measure();
    measureUpstream();
    send({
      type: 'report',
      cells: cells.values,
      exemplars: cells.exemplars.take(),
      breakers: registry.rows(),
    });
  };
  const reporting = setInterval(report, REPORT_INTERVAL_MS);
  server.listen(config.port, config.host, () => {
    // Who is ready can be looked at: the first numbers come before the word.
    report();
    send({ type: 'listening' });
  });

  const stop = async (): Promise<void> => {
    draining = true;
    await new Promise((closed) => {
      server.close(closed);
      server.closeIdleConnections();
    });
    clearInterval(reporting);
    report();
    await Promise.allSettled([upstream.close(), front.close(), stores.close(), tracing?.close()]);
    log.flush(() => {
      process.disconnect();
      process.exit(0);
    });
  };
  process.on('message', (message: PrimaryMessage) => {
    if (message.type === 'answers') link.receive(message.answers);
    else if (message.type === 'cache') link.hear(message.message);
    else if (message.type === 'set-breaker') setBreaker(registry, message);
    else if (message.type === 'invalidate') void front.invalidate(message.what);
    else if (message.type === 'log-level') log.level = message.level;
    else if (message.type === 'drain') draining = true;
    else void stop();
  });
  // Ctrl-C reaches the whole process group; when a worker stops is the primary's decision.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
  process.on('disconnect', () => process.exit(1));
}

/** What it takes to trace is loaded only where there is a collector. */
async function startTracing({ collector, service }: Config, cells: Cells): Promise<Tracing | undefined> {
  if (!collector) return undefined;
  const { createTracing } = await import('../../telemetry/trace/tracing.ts');
  const adders = new Map(
    LABEL_VALUES.export.map((outcome) => [outcome, cells.adder(METRICS.traceSpans, { export: outcome })]),
  );
  return createTracing({
    collector,
    settings: service.telemetry.traces,
    onSpans: (outcome, spans) => adders.get(outcome)?.(spans),
  });
}

function setBreaker(
  registry: BreakerRegistry,
  { name, state }: { readonly name: string; readonly state: string },
): void {
  const breaker = registry.find(name);
  if (state === 'open') breaker?.forceOpen();
  else breaker?.reset();
}

function listenFailure(error: NodeJS.ErrnoException, port: number): string {
  return error.code === 'EADDRINUSE'
    ? `port ${port} is in use; stop what uses it or choose another with PORT`
    : `cannot listen on port ${port}: ${error.message}`;
}
