import { createInterface } from 'node:readline/promises';
import type { Deployer } from '../../pulumi/deployer.ts';

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
};

/** The desk of this process: a person is asked where both sides are a terminal. */
export function processDesk(): Desk {
  const err = (text: string): void => void process.stderr.write(text);
  const isAttended = process.stdin.isTTY && process.stderr.isTTY;
  return {
    async deployer({ install }) {
      // Imported here: Automation is large, and a check that fails does not wait for it.
      const { automationDeployer } = await import('../../pulumi/automation.ts');
      const { requirePulumi } = await import('../../pulumi/pulumi-cli.ts');
      return automationDeployer(await requirePulumi({ install, onProgress: (line) => err(`${line}\n`) }));
    },
    out: (text) => void process.stdout.write(text),
    err,
    ...(isAttended && { ask: askOnTerminal }),
  };
}

/** What a person typed; empty when they broke off. */
async function askOnTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const broken = new AbortController();
  terminal.on('SIGINT', () => broken.abort());
  try {
    return await terminal.question(question, { signal: broken.signal });
  } catch (error) {
    if (broken.signal.aborted) return '';
    throw error;
  } finally {
    terminal.close();
  }
}
