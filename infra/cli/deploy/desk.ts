import { createInterface } from 'node:readline/promises';
import type { Deployer } from '../../pulumi/deployer.ts';
import { EXIT } from '../errors.ts';
import { keepOnUnread } from '../output.ts';

/** What a command that deploys works with. */
export type Desk = {
  /** Finds what deploys, or fetches it. Throws a PulumiMissingError. */
  readonly deployer: (options: { readonly install: boolean }) => Promise<Deployer>;
  /** Results. */
  readonly out: (text: string) => void;
  /** Progress and warnings. */
  readonly err: (text: string) => void;
  /** Asks a person; absent where nobody is there to answer. */
  readonly ask?: (question: string) => Promise<string>;
  /** Aborts when a person breaks off. */
  readonly broken: AbortSignal;
  /** Aborts when somebody breaks off and nobody but this process can tell Pulumi. */
  readonly stop: AbortSignal;
};

/** Ctrl-C, the end of the process, and the end of its terminal. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The desk of this process: a person is asked where both sides are a terminal. */
export function processDesk(): Desk {
  const err = (text: string): void => void process.stderr.write(text);
  const isAttended = process.stdin.isTTY && process.stderr.isTTY;
  keepOnUnread();
  return {
    deployer: findDeployer,
    out: (text) => void process.stdout.write(text),
    err,
    ...(isAttended && { ask: askOnTerminal }),
    ...signalsOfProcess(err),
  };
}

/** Finds the Pulumi CLI of this machine. Throws a PulumiMissingError. */
export async function findDeployer({ install }: { readonly install: boolean }): Promise<Deployer> {
  // Imported here: Automation is large, and a check that fails does not wait for it.
  const { automationDeployer } = await import('../../pulumi/automation.ts');
  const { requirePulumi } = await import('../../pulumi/pulumi-cli.ts');
  const onProgress = (line: string): void => void process.stderr.write(`${line}\n`);
  return automationDeployer(await requirePulumi({ install, onProgress }));
}

/** The first signal breaks off, and a second one ends the process at once. */
function signalsOfProcess(err: Desk['err']): Pick<Desk, 'broken' | 'stop'> {
  const [broken, stop] = [new AbortController(), new AbortController()];
  for (const signal of SIGNALS) {
    // Not `once`: Automation ends the process at a signal that nobody else listens to.
    process.on(signal, () => {
      if (broken.signal.aborted) process.exit(EXIT.aborted);
      err('\nbreaking off; wait for what is under way\n');
      broken.abort();
      // A terminal tells every process that runs on it, and Pulumi takes the second time for an end at once.
      if (signal === 'SIGTERM' || !process.stdin.isTTY) stop.abort();
    });
  }
  return { broken: broken.signal, stop: stop.signal };
}

/** What a person typed; empty when they broke off. */
async function askOnTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const broken = new AbortController();
  terminal.on('SIGINT', () => broken.abort());
  terminal.on('close', () => broken.abort());
  try {
    return await terminal.question(question, { signal: broken.signal });
  } catch (error) {
    if (broken.signal.aborted) return '';
    throw error;
  } finally {
    terminal.close();
  }
}
