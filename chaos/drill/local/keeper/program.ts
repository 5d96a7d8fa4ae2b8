import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { descendantsOf, findProcess, isAlive, signal, treeOf, type KnownProcess } from '../processes.ts';
import type { Recorder } from '../record.ts';
import type { LogPipe } from './log-pipe.ts';

/** What every program of a stand needs of its keeper. */
export type Keeping = {
  readonly record: Recorder;
  /** Folder of its files. */
  readonly folder: string;
  /** Told in a line what somebody who looks on has to know. */
  readonly log: (line: string) => void;
  /** The stand ends: nothing is started any more. */
  readonly signal: AbortSignal;
};

/** How a program is started, and when it can be used. */
export type ProgramProps = {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Its environment, beside PATH: what somebody has set for other programs is none of its business. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Whether it ends by itself when the keeper has gone, as programs of the service do. */
  readonly endsAlone?: boolean;
  /** What its standard output goes to; default a pipe that is always read. */
  readonly output?: Pick<LogPipe, 'fd' | 'said'> | undefined;
  /** Tried until it holds. A rejection counts as no. */
  readonly isReady: () => Promise<boolean>;
};

/** A program that can be started, broken and started again. */
export type Program = {
  readonly name: string;
  /** Starts it and waits until it is ready. Rejects with its last words. */
  start(): Promise<void>;
  /** Its processes now, itself first; none: it does not run. */
  tree(): readonly KnownProcess[];
  /** Ends it and all its processes at once (SIGKILL), and waits until they have. */
  kill(): Promise<void>;
};

const READY_MS = 30_000;
const POLL_MS = 25;
const KILLED_MS = 5_000;
const KEPT_CHARACTERS = 4_000;

/** A program that is not started yet. */
export function createProgram(keeping: Keeping, props: ProgramProps): Program {
  const { name, command, args, variables = {}, endsAlone = false, output, isReady } = props;
  let child: ChildProcess | undefined;
  let known: KnownProcess | undefined;
  let said = '';
  /** Whether it is meant to run: it was ready, and nobody has ended it. */
  let isUp = false;
  const tree = (): readonly KnownProcess[] => (known ? treeOf(known) : []);
  const keep = (text: string): void => void (said = (said + text).slice(-KEPT_CHARACTERS));
  const lastWords = (): string => lastLines((output?.said() ?? '') + said);
  const spawnIt = (): ChildProcess => {
    const started = spawn(command, args, {
      cwd: PROJECT,
      env: { PATH: process.env.PATH, ...variables },
      stdio: ['ignore', output?.fd ?? 'pipe', 'pipe', ...(endsAlone ? ['ipc' as const] : [])],
    });
    // At once: what is not written down is not found when the keeper is killed.
    known = started.pid === undefined ? undefined : findProcess(started.pid);
    if (known) keeping.record.add([{ ...known, name }]);
    for (const stream of [started.stdout, started.stderr]) stream?.setEncoding('utf8').on('data', keep);
    started.once('error', ({ message }) => keep(message));
    started.once('exit', (code, by) => {
      if (isUp && !keeping.signal.aborted)
        keeping.log(`${name} ended unasked (${by ?? `code ${code}`}): ${lastWords()}`);
    });
    return started;
  };
  return {
    name,
    tree,
    async start() {
      keeping.signal.throwIfAborted();
      // One that a start before could not wait for would be in the way.
      await killAll(tree());
      said = '';
      child = spawnIt();
      const deadline = performance.now() + READY_MS;
      while (!(await isReady().catch(() => false))) {
        keeping.signal.throwIfAborted();
        if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
          throw new Error(`${name} ended while it started: ${lastWords()}`);
        if (performance.now() > deadline)
          throw new Error(`${name} was not ready within ${READY_MS / 1_000} s: ${lastWords()}`);
        await wait(POLL_MS);
      }
      isUp = true;
      // The processes that it works with.
      if (known) keeping.record.add(descendantsOf(known.pid).map((each) => ({ ...each, name })));
    },
    async kill() {
      isUp = false;
      await killAll(tree());
    },
  };
}

/** Ends processes at once, and waits until they have ended. */
export async function killAll(processes: readonly KnownProcess[]): Promise<void> {
  for (const each of processes) signal(each, 'SIGKILL');
  const deadline = performance.now() + KILLED_MS;
  while (processes.some(isAlive) && performance.now() < deadline) await wait(POLL_MS);
}

/** Folder of the project. */
export const PROJECT = fileURLToPath(new URL('../../../../', import.meta.url));

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-5).join(' | ') || 'it said nothing';
}
