import { randomBytes } from 'node:crypto';
import type { Config } from '../../config.ts';
import { LABEL_VALUES, METRICS } from '../../telemetry/catalogue.ts';
import { Cells, type CellLayout } from '../../telemetry/cells.ts';
import type { BreakerRegistry } from '../../resilience/index.ts';
import type { Log } from '../../telemetry/log.ts';
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

/** Time between two reports of a worker's numbers to the primary. */
const REPORT_INTERVAL_MS = 500;

/** One worker: clients, server, shutdown. It obeys the primary alone; signals are the primary's to read. */
export async function runWorker(config: Config, layout: CellLayout, log: Log): Promise<void> {
  const { service } = config;
  const cells = new Cells(layout);
  const runtime = watchRuntime(cells);
  const send = (message: WorkerMessage): void => {
    if (process.connected) process.send?.(message);
  };
  const link = createPrimaryLink(send);
  const protection = createProtection({ config, cells, log });
  const { breakers, registry } = protection;
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
    ...createRecorder(cells, log),
    isDraining: () => draining,
  };
  const server = front.hits ? new FastListener({ ...listening, hits: front.hits }) : createListener(listening);
  server.once('error', (error: NodeJS.ErrnoException) => {
    send({ type: 'failed', reason: listenFailure(error, config.port) });
  });
  const report = (): void => {
    runtime.measure();
    front.measure();
    protection.measure();
    send({ type: 'report', cells: cells.values, breakers: registry.rows() });
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
    await Promise.allSettled([upstream.close(), front.close(), stores.close()]);
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
