import { compareRuns, formatComparison, writeComparison } from '../../../chaos/report/index.ts';
import { documentOf } from '../deploy/documents.ts';
import { EXIT } from '../errors.ts';
import type { DrillDesk } from './desk.ts';

/** How runs are compared. */
export type CompareOptions = {
  readonly json?: boolean;
  /** Folder for a page of the comparison. */
  readonly html?: string;
};

/**
 * Compares the runs in some folders. Gives 1 where the newest run of an experiment fails and the one before did not, or
 * where a folder cannot be read.
 */
export function compare(
  folders: readonly string[],
  { json = false, html }: CompareOptions,
  desk: Pick<DrillDesk, 'out' | 'err'>,
): number {
  const comparison = compareRuns(folders);
  desk.out(json ? documentOf(comparison) : formatComparison(comparison));
  if (html !== undefined) desk.err(`page: ${writeComparison(comparison, html)}\n`);
  const { groups, bad } = comparison;
  return bad.length > 0 || groups.some(({ newlyFails }) => newlyFails) ? EXIT.failed : EXIT.done;
}
