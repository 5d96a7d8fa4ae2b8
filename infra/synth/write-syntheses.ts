import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ENVIRONMENTS } from '../../service/definition/index.ts';
import type { Synthesis } from './synthesize.ts';

// Tells a folder of ours from one that somebody else filled.
const MARKER = '.written-by-sluice';
const MARKER_TEXT = 'Written by `sluice synth`, which replaces this folder as a whole.\n';

/**
 * Writes each environment to its folder below `outDir`; environments that stand there already and are not written now
 * stay. The new folder is finished beside the old one and then takes its place, so that an error or a kill leaves the
 * old one whole. Throws when `outDir` holds anything that was not written by this function.
 */
export function writeSyntheses(syntheses: readonly Synthesis[], outDir: string): void {
  const out = target(outDir);
  const previous = sibling(out, 'previous');
  mkdirSync(dirname(out), { recursive: true });
  recover(out, previous);
  refuseForeign(out);
  removeLeftovers(out);
  const next = sibling(out, `next-${process.pid}`);
  try {
    writeNext(next, out, syntheses);
    if (existsSync(out)) renameSync(out, previous);
    try {
      renameSync(next, out);
    } catch (error) {
      recover(out, previous);
      throw error;
    }
    rmSync(previous, { recursive: true, force: true });
  } finally {
    rmSync(next, { recursive: true, force: true });
  }
}

function writeNext(next: string, out: string, syntheses: readonly Synthesis[]): void {
  mkdirSync(next);
  writeFileSync(join(next, MARKER), MARKER_TEXT);
  for (const environment of ENVIRONMENTS) {
    const synthesis = syntheses.find((candidate) => candidate.environment === environment);
    const existing = join(out, environment);
    if (!synthesis && existsSync(existing)) cpSync(existing, join(next, environment), { recursive: true });
    for (const [path, text] of synthesis?.files ?? []) {
      const file = join(next, environment, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }
}

/** A kill between the two renames left the old folder under its other name: it is put back. */
function recover(out: string, previous: string): void {
  if (!existsSync(previous)) return;
  if (existsSync(out)) rmSync(previous, { recursive: true });
  else renameSync(previous, out);
}

/** Half-written folders of processes that were killed. */
function removeLeftovers(out: string): void {
  const prefix = basename(sibling(out, 'next-'));
  for (const entry of readdirSync(dirname(out))) {
    if (!entry.startsWith(prefix) || isAlive(Number(entry.slice(prefix.length)))) continue;
    rmSync(join(dirname(out), entry), { recursive: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A name of ours beside the folder, on the same file system, so that a rename is one step. */
function sibling(out: string, role: string): string {
  return join(dirname(out), `.${basename(out)}.sluice-${role}`);
}

/** The folder itself where the name is a link, so that the link survives. */
function target(outDir: string): string {
  const path = resolve(outDir);
  return existsSync(path) ? realpathSync(path) : path;
}

function refuseForeign(out: string): void {
  if (!existsSync(out)) return;
  if (!statSync(out).isDirectory()) throw new Error(`${out} is a file; name a folder to write to`);
  const entries = readdirSync(out);
  const known: readonly string[] = [MARKER, ...ENVIRONMENTS];
  const foreign = entries.includes(MARKER) ? entries.filter((entry) => !known.includes(entry)) : entries;
  if (foreign.length === 0) return;
  const named = foreign.slice(0, 3).join(', ');
  throw new Error(
    `${out} holds what sluice did not write (${named}${foreign.length > 3 ? ', ...' : ''}) and is left as it is; ` +
      'name a new or an empty folder',
  );
}
