import { setTimeout as wait } from 'node:timers/promises';
import { METRICS } from '../../../../service/telemetry/catalogue.ts';
import type { LocalFault, Program as ProgramName } from '../../../experiment.ts';
import { ask } from '../ask.ts';
import { readMetric } from '../metrics-page.ts';
import { descendantsOf, freeze, isAlive, isStopped, signal, type KnownProcess } from '../processes.ts';
import type { Recorder } from '../record.ts';
import { exhaustConnections } from './exhaust-connections.ts';
import type { Program } from './program.ts';
import type { StandPrograms } from './stand-programs.ts';

/** Takes a fault back, and resolves when it is. */
export type Revert = () => Promise<void>;

/** Where faults are done. */
export type Site = StandPrograms & { readonly record: Recorder };

type Kinds = {
  readonly [Kind in LocalFault['kind']]: (
    fault: Extract<LocalFault, { kind: Kind }>,
    site: Site,
    /** Milliseconds after which a proxy takes its fault back by itself. */
    deadline: number,
  ) => Promise<Revert>;
};

const AGAIN_MS = 50;
const STOPPED_MS = 5_000;
const REPLACED_MS = 30_000;

/** Does a fault; rejects with nothing done. */
export function injectFault(fault: LocalFault, site: Site, deadline: number): Promise<Revert> {
  const inject = KINDS[fault.kind] as (given: LocalFault, site: Site, deadline: number) => Promise<Revert>;
  return inject(fault, site, deadline);
}

const KINDS: Kinds = {
  async proxy({ on, fault }, { proxies }, deadline) {
    const revert: Revert = async () => {
      await proxies.clearAll();
    };
    try {
      await Promise.all(on.map((name) => proxies.set(name, fault, inSeconds(deadline))));
    } catch (error) {
      // Some may have it already; their own time ends it where this cannot.
      await revert().catch(() => undefined);
      throw error;
    }
    return revert;
  },

  async freeze({ program: name }, site) {
    const program = requireProgram(name, site);
    const chosen = name === 'gateway' ? chooseWorker(site) : undefined;
    const frozen = freeze(
      () => (chosen ? [chosen] : program.tree()),
      (found) => site.record.add(found.map((each) => ({ ...each, name: program.name }))),
    );
    if (frozen.length === 0) throw new Error(`${name} does not run, so that it cannot be stopped`);
    const revert: Revert = async () => {
      for (const each of frozen.toReversed()) signal(each, 'SIGCONT');
      while (frozen.some(isStopped)) await wait(AGAIN_MS);
    };
    // A signal takes effect when the process has its turn.
    const deadline = performance.now() + STOPPED_MS;
    while (frozen.some((each) => isAlive(each) && !isStopped(each))) {
      if (performance.now() < deadline) await wait(AGAIN_MS);
      else {
        await revert();
        throw new Error(`${name} could not be stopped within ${STOPPED_MS / 1_000} s`);
      }
    }
    return revert;
  },

  async kill({ program: name }, site) {
    const program = requireProgram(name, site);
    if (name === 'gateway') {
      const worker = chooseWorker(site);
      signal(worker, 'SIGKILL');
      while (isAlive(worker)) await wait(AGAIN_MS);
      return () => untilReplaced(site);
    }
    await program.kill();
    return () => program.start();
  },

  async 'postgres-connections'(_, { programs }) {
    const idle = await exhaustConnections(programs.postgres.urlOf('idle'));
    return () => idle.end();
  },

  'log-stuck'(_, { log }) {
    log.stop();
    return Promise.resolve(() => {
      log.read();
      return Promise.resolve();
    });
  },

  async 'expire-key'({ latency }, { proxies, ops, opsToken }, deadline) {
    const revert: Revert = async () => {
      await proxies.clear('upstream');
    };
    // One that answers at once is asked so rarely at the same time that there is nothing to see.
    await proxies.set('upstream', { kind: 'latency', latency }, inSeconds(deadline));
    try {
      const { status, text } = await ask(`${ops}/admin/cache/invalidations`, {
        headers: { authorization: `Bearer ${opsToken}` },
        body: { all: true },
      });
      if (status !== 202) throw new Error(`the gateway did not forget its cache: ${status} ${text}`);
    } catch (error) {
      await revert();
      throw error;
    }
    return revert;
  },
};

function requireProgram(name: ProgramName, { programs }: Site): Program {
  const program = programs[name];
  if (!program) throw new Error(`there is no ${name} here`);
  return program;
}

/** One worker of the gateway: the seed says which. */
function chooseWorker({ programs, seed }: Site): KnownProcess {
  const [primary] = programs.gateway.tree();
  const workers = primary ? descendantsOf(primary.pid) : [];
  const worker = workers[Math.abs(seed) % workers.length];
  if (!worker) throw new Error('the gateway has no worker');
  return worker;
}

/** The primary starts another one by itself. */
async function untilReplaced({ ops, service }: Site): Promise<void> {
  const deadline = performance.now() + REPLACED_MS;
  const alive = async (): Promise<number> =>
    readMetric((await ask(`${ops}/metrics`)).text, METRICS.workers)[0]?.value ?? 0;
  while ((await alive().catch(() => 0)) < service.gateway.workers) {
    if (performance.now() > deadline) throw new Error(`no worker took the place of the one that was ended`);
    await wait(AGAIN_MS);
  }
}

/** A moment longer than the keeper waits: it is there for when that one cannot. */
function inSeconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1_000) + 1;
}
