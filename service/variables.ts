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
