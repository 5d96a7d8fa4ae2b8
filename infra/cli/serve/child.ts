import { fileURLToPath } from 'node:url';
import { spawn, type ChildProcess } from 'node:child_process';

/** Something that runs until it is stopped. */
export type Running = { stop(): Promise<void> };

/** A program that `serve` runs. */
export type Child = Running & {
  /** Resolves with the exit code once the program has ended. */
  readonly ended: Promise<number>;
  /** Asks the program to stop, and waits until it has; after the limit it is killed. */
  stop(): Promise<void>;
};

/** Folder of the project, wherever it is called from. */
export const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));

const STOP_LIMIT_MS = 20_000;

/** Starts a TypeScript file of the project as a program that ends when this one does. */
export function startChild(file: string, variables: Readonly<Record<string, string>>): Child {
  const child: ChildProcess = spawn(process.execPath, [file], {
    cwd: PROJECT,
    env: { ...process.env, ...variables },
    // The channel tells the program when this process is gone, even if it was killed.
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGTERM' ? 0 : 1)));
  });
  return {
    ended,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** A program that can be started anew without its end counting as the end. */
export type RestartableChild = Child & { restart(): Promise<void> };

/** Starts a program that can be restarted; `ended` resolves when it ends other than by a restart. */
export function startRestartable(start: () => Child): RestartableChild {
  let current: Child | undefined;
  let end: (code: number) => void;
  let fail: (error: Error) => void;
  const ended = new Promise<number>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  const begin = (): void => {
    const child = start();
    current = child;
    child.ended.then(
      (code) => child === current && end(code),
      (error: unknown) => fail(error as Error),
    );
  };
  begin();
  return {
    ended,
    stop: () => current?.stop() ?? Promise.resolve(),
    async restart() {
      const old = current;
      current = undefined;
      await old?.stop();
      begin();
    },
  };
}
