import { setImmediate as turn } from 'node:timers/promises';
import { definition } from '../definition/index.ts';
import { createLog } from '../telemetry/log.ts';
import type { Tracing } from '../telemetry/trace/index.ts';
import { readUpstreamConfig, type UpstreamConfig } from './config.ts';
import { createObserver } from './observe.ts';
import { startUpstream, type RunningUpstream } from './server.ts';

/** Exit codes as of the command line: wrong usage, and something that is needed and not there. */
const EXIT = { failed: 1, usage: 2, missing: 69 } as const;

// Modules are loaded in one go: a signal that came meanwhile ends the process here, before anything has begun.
await turn();
const config = readConfigOrExit();
const log = createLog({ level: config.logLevel, base: { process: 'upstream' } });

try {
  const tracing = await startTracing(config);
  const upstream = await startUpstream({
    ...config,
    onError: (error) => log.error({ err: error }, 'request failed'),
    observe: createObserver({ log, tracer: tracing?.tracer }),
  });
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    log.info('stopping');
    void close(upstream, tracing).then(() => {
      log.info('stopped');
      if (process.connected) process.disconnect();
    });
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // Whoever started this program as a child of its own has gone.
  process.once('disconnect', stop);
  log.info({ port: upstream.port }, 'listening');
  log.info({ packages: await upstream.ready }, 'ready');
} catch (error) {
  const inUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  exit(
    inUse ? EXIT.missing : EXIT.failed,
    inUse
      ? `Port ${config.port} is in use: stop the program that listens there, or set PORT to a free one.`
      : `The sample upstream cannot start: ${(error as Error).message}`,
  );
}

/** Requests that end while the server closes have spans too. */
async function close(upstream: RunningUpstream, tracing: Tracing | undefined): Promise<void> {
  await upstream.close();
  await tracing?.close();
}

/** What the gateway records is recorded here too, beside what fails or is slow. */
async function startTracing({ collector }: UpstreamConfig): Promise<Tracing | undefined> {
  if (!collector) return undefined;
  const { createTracing } = await import('../telemetry/trace/tracing.ts');
  const settings = { ...definition.dev.telemetry.traces, sample: '0%', asked: '1000/s' } as const;
  return createTracing({ collector, settings, onSpans: () => undefined });
}

function readConfigOrExit(): UpstreamConfig {
  try {
    return readUpstreamConfig(process.env);
  } catch (error) {
    return exit(EXIT.usage, (error as Error).message);
  }
}

function exit(code: number, message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}
