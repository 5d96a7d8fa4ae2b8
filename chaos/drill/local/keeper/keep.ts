import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRecord, ownProcess, type Recorder } from '../record.ts';
import { end as endProcesses } from '../leftovers.ts';
import { signal } from '../processes.ts';
import { injectFault, type Revert, type Site } from './fault-kinds.ts';
import type { Calls, Injection, Message, Request, StandAddresses, StandSettings } from './messages.ts';
import { standPrograms } from './stand-programs.ts';

/** Others may pass, because Postgres runs under an account of its own; what is secret in it is closed by itself. */
const PASSABLE = 0o711;

const stopping = new AbortController();
let record: Recorder | undefined;
let folder: string | undefined;
let site: Site | undefined;
let starting: Promise<unknown> = Promise.resolve();
let revert: Revert | undefined;
let deadline: NodeJS.Timeout | undefined;
/** Faults come and go one after the other. */
let turn: Promise<unknown> = Promise.resolve();
let ending: Promise<void> | undefined;

const tell = (message: Message): void => {
  // A drill that is gone hears nothing; that it is gone is heard elsewhere.
  if (process.connected) process.send?.(message, () => undefined);
};
const log = (line: string): void => tell({ log: line });

const CALLS: { readonly [Name in keyof Calls]: (given: Calls[Name]['with']) => Promise<Calls[Name]['gives']> } = {
  start(settings) {
    const started = start(settings);
    starting = started.catch(() => undefined);
    return started;
  },
  inject: (injection) => inTurn(() => inject(injection)),
  revert: () => inTurn(takeBack),
  stop: end,
};

process.on('message', (request: Request) => {
  const call = CALLS[request.call] as (given: unknown) => Promise<unknown>;
  call(request.with).then(
    (gives) => {
      tell({ id: request.id, gives });
      if (request.call === 'stop') process.disconnect();
    },
    (error: unknown) => {
      const { name, message } = error as Error;
      tell({ id: request.id, failed: { name, message } });
    },
  );
});
// The drill has ended, by itself or by somebody else: nothing that it began stays.
process.once('disconnect', () => void end().then(() => process.exit(0)));
process.on('SIGTERM', () => void end().then(() => process.exit(0)));
process.on('SIGINT', () => undefined);
process.on('uncaughtException', (error) => {
  log(`the keeper of the stand failed: ${error.stack ?? error.message}`);
  void end().then(() => process.exit(1));
});

async function start(settings: StandSettings): Promise<StandAddresses> {
  folder = mkdtempSync(join(tmpdir(), 'sluice-drill-'));
  chmodSync(folder, PASSABLE);
  const { state, experiment, drill } = settings;
  record = createRecord(state, { experiment, drill, keeper: ownProcess(), folder });
  const keeping = { record, folder, log, signal: stopping.signal };
  const programs = await standPrograms(keeping, settings);
  site = { ...programs, record };
  return programs.start();
}

async function inject({ fault, title, deadline: within }: Injection): Promise<undefined> {
  if (!site) throw new Error('nothing runs yet');
  if (revert) throw new Error('there is a fault already: take it back first');
  stopping.signal.throwIfAborted();
  record?.setFault(title);
  try {
    revert = await injectFault(fault, site, within);
  } catch (error) {
    record?.setFault(undefined);
    throw error;
  }
  deadline = setTimeout(() => {
    log(`the fault is taken back, because its time is over: ${title}`);
    void inTurn(takeBack).catch((error: unknown) => log(`it could not be taken back: ${(error as Error).message}`));
  }, within);
}

async function takeBack(): Promise<undefined> {
  clearTimeout(deadline);
  const back = revert;
  if (!back) return;
  await back();
  revert = undefined;
  record?.setFault(undefined);
}

function inTurn<T>(call: () => Promise<T>): Promise<T> {
  const next = turn.then(call);
  turn = next.catch(() => undefined);
  return next;
}

/** Ends everything, whatever holds; once. What is stopped goes on first, so that it can end. */
function end(): Promise<undefined> {
  ending ??= (async () => {
    stopping.abort(new Error('the stand ends'));
    clearTimeout(deadline);
    for (const each of record?.all() ?? []) signal(each, 'SIGCONT');
    await starting;
    await site?.end();
    await endProcesses(record?.all() ?? []);
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    record?.remove();
  })().catch((error: unknown) => log(`not everything could be ended: ${(error as Error).message}`));
  return ending.then(() => undefined);
}
