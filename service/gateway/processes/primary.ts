import cluster, { type Worker } from 'node:cluster';
import { toBytes, toMebibytes, toMilliseconds } from '../../definition/index.ts';
import type { Config } from '../../config.ts';
import { METRICS } from '../../telemetry/catalogue.ts';
import type { CellLayout, Cells } from '../../telemetry/cells.ts';
import type { Log } from '../../telemetry/log.ts';
import { watchRuntime } from '../../telemetry/runtime.ts';
import { createLocalStores } from './local-stores.ts';
import { createAdministration } from './administration.ts';
import type { PrimaryMessage, WorkerMessage } from './messages.ts';
import { createMetricSums } from './metric-sums.ts';
import { closeOrphanedConnections } from './orphaned-connections.ts';
import { createSilence, LOOK_MS, type SilenceChange } from './silence.ts';

/** Exit code when a port cannot be had: something that the program needs is not available. */
const UNAVAILABLE = 69;
/** Exit code when the program could not do what it was asked. */
const FAILED = 1;
/** Between the end of a worker and the start of the next, so that one that cannot live does not take the processor. */
const RESTART_PAUSE_MS = 1_000;
const KILL_MARGIN_MS = 2_000;
const OWN_CELLS = 0;

/** The primary: starts workers, adds up their numbers, holds the local stores, answers the ops port, stops in order. */
export async function runPrimary(config: Config, layout: CellLayout, own: Cells, log: Log): Promise<void> {
  const { service } = config;
  const { memory, silence: bounds } = service.gateway;
  const sums = createMetricSums(layout);
  const runtime = watchRuntime(own);
  const stores = createLocalStores({
    trackedCallers: service.limits.trackedCallers,
    maxBytes: toBytes(memory.cache),
    tellWorkers: (message) => tellAll({ type: 'cache', message }),
  });
  const listening = new Set<number>();
  const silence = createSilence({ unreadyMs: toMilliseconds(bounds.unready), endMs: toMilliseconds(bounds.end) });
  const { promise: ready, resolve: becameReady } = Promise.withResolvers<undefined>();
  const startedAt = Date.now() / 1000;
  let restarts = 0;
  let everReady = false;
  let stopping = false;
  let exitCode = 0;

  cluster.setupPrimary({
    serialization: 'advanced',
    execArgv: [
      ...process.execArgv,
      `--max-old-space-size=${toMebibytes(memory.heap)}`,
      `--max-semi-space-size=${toMebibytes(memory.semiSpace)}`,
    ],
  });
  closeOrphanedConnections(cluster);
  const tell = (worker: Worker, message: PrimaryMessage): void => {
    if (worker.isConnected()) worker.send(message);
  };
  const tellAll = (message: PrimaryMessage): void =>
    Object.values(cluster.workers ?? {}).forEach((worker) => worker && tell(worker, message));
  const administration = createAdministration({
    service,
    log,
    tellAll,
    tellOne: (message) =>
      Object.values(cluster.workers ?? {})
        .slice(0, 1)
        .forEach((worker) => worker && tell(worker, message)),
  });
  cluster.on('message', (worker, message: WorkerMessage) => {
    if (message.type === 'report') {
      // The last words of one that has ended may be read after its end.
      if (!worker.isDead()) silence.heard(worker.id);
      sums.update(worker.id, message.cells, message.exemplars);
      administration.update(worker.id, message.breakers);
    } else if (message.type === 'calls') void answer(worker, message.calls);
    else if (message.type === 'failed') fail(message.reason);
    else greet(worker);
  });
  cluster.on('exit', (worker, code, signal) => {
    listening.delete(worker.id);
    silence.retire(worker.id);
    sums.retire(worker.id);
    stores.retire(worker.id);
    administration.retire(worker.id);
    if (stopping) return;
    if (!everReady) {
      fail('a worker could not start; its error stands above', FAILED);
      return;
    }
    restarts++;
    log.error({ code, signal }, 'a worker ended unasked; starting another');
    setTimeout(() => stopping || cluster.fork(), RESTART_PAUSE_MS);
  });

  // One that a debugger holds stands still on purpose.
  const watches = !process.execArgv.some((argument) => argument.startsWith('--inspect'));
  // A worker that is asked to stop says nothing more, and ends in its own time.
  setInterval(() => watches && !stopping && silence.look().forEach(act), LOOK_MS).unref();

  function act({ kind, worker: id, silentMs }: SilenceChange): void {
    const { process: child } = cluster.workers?.[id] ?? {};
    const fields = { worker: id, pid: child?.pid, silent_ms: Math.round(silentMs) };
    if (kind === 'heard') log.info(fields, 'a worker that stood still goes on');
    else if (kind === 'silent') log.warn(fields, 'a worker stands still: not ready until it goes on, or is replaced');
    else {
      log.error(fields, 'a worker stood still for too long; ending it');
      child?.kill('SIGKILL');
    }
  }

  function greet(worker: Worker): void {
    const greeting = administration.greeting();
    if (greeting) tell(worker, greeting);
    if (listening.add(worker.id).size !== config.workers) return;
    everReady = true;
    becameReady(undefined);
    log.info({ port: config.port, ops_port: config.opsPort }, 'ready');
  }

  async function answer(worker: Worker, calls: Extract<WorkerMessage, { type: 'calls' }>['calls']): Promise<void> {
    const answers = await Promise.all(
      calls.map(async ({ id, call }) => ({ id, answer: await stores(call, worker.id) })),
    );
    tell(worker, { type: 'answers', answers });
  }

  function measure(): Float64Array {
    runtime.measure();
    sums.update(OWN_CELLS, own.values);
    return sums.read();
  }

  for (let index = 0; index < config.workers; index++) cluster.fork();

  // The libraries of the ops port and of the stores take as long to load as a worker: both happen at once.
  const [{ createExposition }, { createOpsServer }, { watchDependencies }, { watchSchema }, { openLivePage }] =
    await Promise.all([
      import('../../telemetry/exposition.ts'),
      import('../ops.ts'),
      import('./dependencies.ts'),
      import('./schema-watch.ts'),
      import('./live-page.ts'),
    ]);
  const serving = (): number => {
    const still = silence.silent().filter(({ worker }) => listening.has(worker));
    return listening.size - still.length;
  };
  const dependencies = watchDependencies(config);
  const schema = watchSchema({
    config,
    log,
    onTooOld(reason) {
      log.error(reason);
      exitCode = FAILED;
      stop();
    },
  });
  const readings = [
    { metric: METRICS.workers, labels: {}, read: serving },
    { metric: METRICS.workerRestarts, labels: {}, read: () => restarts },
    { metric: METRICS.buildInfo, labels: { version: service.version, commit: config.commit }, read: () => 1 },
  ];
  const whyNotReady = (): string | undefined => {
    if (stopping) return 'stopping';
    const [still] = silence.silent();
    if (still) {
      const pid = cluster.workers?.[still.worker]?.process.pid;
      return `worker ${still.worker} (process ${pid}) has said nothing for ${Math.round(still.silentMs / 1000)} s`;
    }
    if (listening.size !== config.workers) return `${listening.size} of ${config.workers} workers listen`;
    return schema.isUsable() ? undefined : 'the schema of the database is not what this version needs';
  };
  const ops = createOpsServer({
    metrics: createExposition({
      layout,
      cells: measure,
      readings,
      ...(config.podTemplateHash !== undefined && { constant: { pod_template_hash: config.podTemplateHash } }),
      exemplars: sums.exemplars,
    }),
    whyNotReady,
    dependencies: dependencies.states,
    admin: { token: config.opsToken, administration },
    page: openLivePage({
      ready,
      onError: (error) => log.error({ err: error }, 'the live page could not be brought up to date'),
      service,
      layout,
      cells: measure,
      readings,
      commit: config.commit,
      told: {
        stage: () => (stopping ? 'draining' : whyNotReady() === undefined ? 'ready' : 'starting'),
        start: startedAt,
        logLevel: () => log.level,
        workers: config.workers,
        breakers: administration.breakers,
        limits: administration.limits,
      },
    }),
  });
  ops.once('error', (error: NodeJS.ErrnoException) =>
    fail(
      error.code === 'EADDRINUSE'
        ? `port ${config.opsPort} is in use; stop what uses it or choose another with OPS_PORT`
        : error.message,
    ),
  );
  ops.listen(config.opsPort, config.host);

  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    log.info('stopping: not ready any more, finishing what is in flight');
    tellAll({ type: 'drain' });
    setTimeout(() => {
      tellAll({ type: 'stop' });
      finishWhenAlone();
    }, config.drainDelayMs);
    // A moment before Kubernetes kills the pod, so that what is lost is said.
    const patience = toMilliseconds(service.gateway.terminationGrace) - KILL_MARGIN_MS;
    setTimeout(() => fail('requests were still in flight when the grace period ended', FAILED), patience).unref();
    cluster.on('exit', finishWhenAlone);
  };
  function finishWhenAlone(): void {
    if (Object.keys(cluster.workers ?? {}).length === 0) void finish();
  }
  async function finish(): Promise<void> {
    schema.close();
    await dependencies.close();
    ops.close();
    ops.closeAllConnections();
    log.info('stopped');
    log.flush(() => process.exit(exitCode));
  }
  function fail(reason: string, code = UNAVAILABLE): void {
    stopping = true;
    log.error(reason);
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGKILL');
    log.flush(() => process.exit(code));
  }
  process.on('SIGTERM', stop);
  // A second Ctrl-C is a person who does not want to wait.
  process.on('SIGINT', () => (stopping ? fail('stopped without waiting for requests in flight', FAILED) : stop()));
  // Whoever started this program as a child of its own has gone.
  process.once('disconnect', stop);
}
