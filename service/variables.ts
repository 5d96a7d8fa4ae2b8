import { readFileSync } from 'node:fs';

/** The environment of a program. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * A variable's text, or what stands in the file that `NAME_FILE` points to; an empty one counts as absent. Adds to `problems`
 * a file that cannot be read.
 */
export function readVariable(variables: Variables, name: string, problems: string[]): string | undefined {
  const direct = variables[name];
  const file = variables[`${name}_FILE`];
  if (direct !== undefined && direct !== '') return direct;
  if (file === undefined || file === '') return undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    problems.push(
      `${name}_FILE: ${(error as NodeJS.ErrnoException).code ?? 'cannot be read'} at ${file}; example: ${name}_FILE=/run/secrets/${name.toLowerCase()}`,
    );
    return undefined;
  }
}

/** Every wrong variable at once: which, what is wrong with it, an example. Never tells a value that may be secret. */
export class VariablesError extends Error {
  override readonly name = 'VariablesError';

  constructor(problems: readonly string[]) {
    super(
      `The environment has ${problems.length} wrong variable${problems.length === 1 ? '' : 's'}:\n  ${problems.join('\n  ')}`,
    );
  }
}

/** Exit code for a wrong environment: the program was started in a wrong way. */
const USAGE = 2;

/** What a program reads from its environment; ends the process with every wrong variable on a VariablesError. */
export function readOrExit<T>(read: (variables: Variables) => T): T {
  try {
    return read(process.env);
  } catch (error) {
    if (!(error instanceof VariablesError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(USAGE);
  }
}
