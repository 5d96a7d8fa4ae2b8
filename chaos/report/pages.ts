import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Comparison } from './comparison.ts';
import { FILES } from './folder.ts';
import { junit } from './junit.ts';
import { comparisonHtml } from './page/comparison.ts';
import { summaryHtml } from './page/summary.ts';
import type { Run } from './run.ts';

/**
 * Writes what several runs come to into the folder that holds their folders, and returns the path of the page:
 * `index.html`, and beside it JUnit XML of all. What an earlier `--all` has written there is replaced.
 */
export function writeSummary(runs: readonly Run[], out: string): string {
  write(out, FILES.junit, junit(runs));
  return write(out, 'index.html', summaryHtml(runs));
}

/** Writes a comparison as `comparison.html` into a folder, and returns its path; an earlier one there is replaced. */
export function writeComparison(comparison: Comparison, out: string): string {
  return write(out, 'comparison.html', comparisonHtml(comparison, out));
}

/** Whoever reads meanwhile finds the old file or the new one. */
function write(folder: string, name: string, text: string): string {
  mkdirSync(folder, { recursive: true });
  const unfinished = join(folder, `.${name}.${randomBytes(4).toString('hex')}`);
  writeFileSync(unfinished, text);
  const path = join(folder, name);
  renameSync(unfinished, path);
  return path;
}
