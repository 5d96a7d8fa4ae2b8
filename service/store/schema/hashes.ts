import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { StepFile } from './step-files.ts';

/** Hashes of migrations by name. */
export type StepHashes = Readonly<Record<string, string>>;

/** The hashes that are kept in the tree. */
export function readHashes(): StepHashes {
  return JSON.parse(readFileSync(fileURLToPath(new URL('hashes.json', import.meta.url)), 'utf8')) as StepHashes;
}

/** The kept hashes and those of new files: what is kept is never written anew, or an edit would pass with it. */
export function completedHashes(kept: StepHashes, files: readonly StepFile[]): StepHashes {
  const all = { ...Object.fromEntries(files.map(({ name, hash }) => [name, hash])), ...kept };
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
}
