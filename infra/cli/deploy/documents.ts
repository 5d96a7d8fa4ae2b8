import type { Finding } from '../../cluster/index.ts';
import type { Desk } from './desk.ts';
import type { DeployOptions } from './options.ts';

type Options = Partial<Pick<DeployOptions, 'env' | 'json'>>;

/** How a run ended that threw, by the name of its error; every other one failed. */
const OUTCOMES: Readonly<Record<string, string>> = { PreflightError: 'refused', AbortedError: 'aborted' };

/** Prints the one document of a run. */
export function printDocument({ env }: Options, desk: Desk, content: object): void {
  desk.out(documentOf({ env, ...content }));
}

/** JSON for people and programs. JSON itself lets some control characters through, which a terminal would act on. */
export function documentOf(content: object): string {
  const text = JSON.stringify(content, undefined, 2);
  return `${text.replaceAll(/[\u007f-\u009f]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`)}\n`;
}

/** Runs a command so that with `--json` a run that throws prints a document too: outcome, message and any findings. */
export async function withDocument(options: Options, desk: Desk, command: () => Promise<number>): Promise<number> {
  try {
    return await command();
  } catch (error) {
    if (options.json && error instanceof Error) {
      const { name, message, findings } = error as Error & { readonly findings?: readonly Finding[] };
      printDocument(options, desk, { outcome: OUTCOMES[name] ?? 'failed', message, ...(findings && { findings }) });
    }
    throw error;
  }
}
