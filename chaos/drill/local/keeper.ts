import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { DrillRunsError } from './errors.ts';
import type { Calls, Message } from './keeper/messages.ts';

/** The process that owns the programs of a stand and holds the deadline of its fault: it outlives a drill that dies. */
export type Keeper = {
  readonly pid: number;
  /** Rejects with what the keeper rejects with, or because it has gone. */
  call<Name extends keyof Calls>(name: Name, given: Calls[Name]['with']): Promise<Calls[Name]['gives']>;
  /** Resolves once it has ended. */
  readonly ended: Promise<void>;
};

const MAIN = fileURLToPath(new URL('./keeper/main.ts', import.meta.url));

/** What it needs of the environment; what somebody has set for other programs is none of its business. */
const PASSED = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP'] as const;

/** Starts a keeper, which ends by itself when this process has gone. */
export function startKeeper(log: (line: string) => void): Keeper {
  const child = fork(MAIN, {
    // A session of its own: Ctrl-C is for the drill, which still has to take its fault back.
    detached: true,
    execArgv: [],
    env: Object.fromEntries(PASSED.map((name) => [name, process.env[name]])),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, { resolve(gives: unknown): void; reject(error: Error): void }>();
  let last = 0;
  let isGone = false;
  const gone = (): Error => new Error('The keeper of the local stand has ended: start the drill again.');
  const ended = once(child, 'exit').then(() => {
    isGone = true;
    for (const { reject } of waiting.values()) reject(gone());
    waiting.clear();
  });
  child.on('message', (message: Message) => {
    if ('log' in message) {
      log(message.log);
      return;
    }
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if ('failed' in message) asked?.reject(errorOf(message.failed));
    else asked?.resolve(message.gives);
  });
  return {
    pid: child.pid ?? 0,
    ended,
    call: (name, given) =>
      new Promise((resolve, reject) => {
        if (isGone) {
          reject(gone());
          return;
        }
        const id = ++last;
        waiting.set(id, { resolve: resolve, reject });
        child.send({ id, call: name, with: given }, (error) => {
          if (error && waiting.delete(id)) reject(gone());
        });
      }),
  };
}

function errorOf({ name, message }: { readonly name: string; readonly message: string }): Error {
  return name === DrillRunsError.name ? new DrillRunsError(message) : new Error(message);
}
