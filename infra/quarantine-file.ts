import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { EnvironmentName } from '../service/definition/index.ts';
import type { QuarantineList } from './cluster/quarantine.ts';

const FOLDER = fileURLToPath(new URL('../', import.meta.url));
const EXAMPLE =
  '{ "8c1f8c1f8c1f-0123456789": { "reason": "errors of 5 %", "at": "2026-01-02T03:04:05Z", "by": "guard" } }';

const listSchema = z.record(
  z.string(),
  z.strictObject({ reason: z.string().default('no reason given'), at: z.string(), by: z.string() }),
);

/** A file of quarantined releases that is none; the message says where, and what mends it. */
export class QuarantineFileError extends Error {
  override readonly name = 'QuarantineFileError';
}

/** The file of an environment's quarantined releases, which may be committed: who has no cluster is refused by it too. */
export function quarantineFile(environment: EnvironmentName, folder: string = FOLDER): string {
  return join(folder, `quarantine.${environment}.json`);
}

/** Reads it; a file that is not there quarantines nothing. Throws a QuarantineFileError. */
export function readQuarantineFile(environment: EnvironmentName, folder: string = FOLDER): QuarantineList {
  return readQuarantines(quarantineFile(environment, folder), environment);
}

/** Reads such a file, wherever it lies; one that is not there quarantines nothing. Throws a QuarantineFileError. */
export function readQuarantines(path: string, environment = 'ENV'): QuarantineList {
  if (!existsSync(path)) return {};
  const refuse = (problem: string, cause: unknown): Error => {
    const anew = `sluice release quarantine --export --env ${environment}`;
    return new QuarantineFileError(`${path}: ${problem}; mend it, or write it anew by: ${anew}`, { cause });
  };
  let written: unknown;
  try {
    written = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw refuse(`is no JSON (${(error as Error).message})`, error);
  }
  const { success, data, error } = listSchema.safeParse(written);
  if (success) return data;
  const [issue] = error.issues;
  throw refuse(`${issue?.path.join('.') ?? ''} is not as it must be, such as ${EXAMPLE}`, error);
}

/** A list as it is written to the file: the same bytes for the same releases, whatever their order. */
export function formatQuarantineFile(list: QuarantineList): string {
  const sorted = Object.entries(list)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([id, { at, by, reason }]) => [id, { at, by, reason }]);
  return `${JSON.stringify(Object.fromEntries(sorted), undefined, 2)}\n`;
}

/** Writes it to the environment's file, or to another one. */
export function writeQuarantineFile(path: string, list: QuarantineList): void {
  writeFileSync(path, formatQuarantineFile(list));
}
