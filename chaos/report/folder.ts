import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { junit } from './junit.ts';
import { reportHtml } from './page/report.ts';
import { FORMAT, type Run } from './run.ts';
import { findingsOf } from './schema.ts';
import { seriesCsv } from './series-csv.ts';

/** What the folder of a run holds. */
export const FILES = {
  page: 'report.html',
  run: 'report.json',
  junit: 'junit.xml',
  series: 'series.csv',
} as const;

/**
 * Writes the folder of a run, `<out>/<run.id>`, and returns its path: the page, the run, JUnit XML and the raw series.
 * It is there whole or not at all. Throws where the run contradicts the schema or the folder exists, and then leaves
 * nothing behind.
 */
export function writeReport(run: Run, out: string): string {
  const findings = findingsOf(run);
  if (findings.length > 0) {
    throw new Error(
      `the report of ${run.id} is not written, for it is wrong; mend the drill that made it:${lines(findings)}`,
    );
  }
  const folder = join(out, run.id);
  if (existsSync(folder)) throw new Error(exists(folder));
  mkdirSync(out, { recursive: true });
  const unfinished = join(out, `.${run.id}.${randomBytes(4).toString('hex')}`);
  mkdirSync(unfinished);
  try {
    writeFileSync(join(unfinished, FILES.page), reportHtml(run));
    writeFileSync(join(unfinished, FILES.run), `${JSON.stringify(run, undefined, 1)}\n`);
    writeFileSync(join(unfinished, FILES.junit), junit([run]));
    writeFileSync(join(unfinished, FILES.series), seriesCsv(run));
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ENOTEMPTY' || code === 'EEXIST' ? new Error(exists(folder), { cause: error }) : error;
  }
  return folder;
}

/**
 * The run of a folder that `writeReport` has written. Throws with the file, what is wrong with it and how to mend that:
 * it is missing, not JSON, of a newer format, or not a report.
 */
export function readRun(folder: string): Run {
  const file = join(folder, FILES.run);
  const value = parsed(file, text(file));
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
  if (typeof format === 'number' && format > FORMAT) {
    throw new Error(
      `${file} has format ${format}, and this program reads format ${FORMAT}; read it with the version of sluice that wrote it, or with a newer one`,
    );
  }
  const findings = findingsOf(value);
  if (findings.length > 0) {
    throw new Error(
      `${file} is not the report of a drill; take it from where it was written, unchanged:${lines(findings)}`,
    );
  }
  return value as Run;
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' || code === 'ENOTDIR' ? 'is missing' : `cannot be read (${String(code)})`;
    throw new Error(`${file} ${why}; name the folder of a run, or one that holds such folders`, { cause: error });
  }
}

function parsed(file: string, content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new Error(`${file} is not JSON (${(error as Error).message}); take it from where it was written, unchanged`, {
      cause: error,
    });
  }
}

function exists(folder: string): string {
  return `${folder} exists, and evidence is never overwritten; give another folder by --out, or move it away`;
}

const SHOWN = 10;

function lines(findings: readonly string[]): string {
  const more = findings.length > SHOWN ? [`and ${findings.length - SHOWN} more`] : [];
  return [...findings.slice(0, SHOWN), ...more].map((finding) => `\n  ${finding}`).join('');
}
