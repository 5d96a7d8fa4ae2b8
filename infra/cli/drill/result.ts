import { DrillRefusedError, type RefusalCode } from '../../../chaos/drill/refusal.ts';
import type { Experiment } from '../../../chaos/index.ts';
import type { Run } from '../../../chaos/report/index.ts';
import { EXIT, UnavailableError, UsageError } from '../errors.ts';

/** What became of one experiment that was asked for. */
export type Result = {
  readonly experiment: string;
  /** `withstood`: it passed though its protection was switched off; `broke`: it failed as it then has to. */
  readonly outcome: Run['verdict'] | 'broke' | 'withstood' | 'skipped' | 'refused' | 'not-run';
  /** In a sentence without its end. */
  readonly why: string;
  readonly exit: number;
  readonly run?: Run;
  /** Folder of its report. */
  readonly report?: string;
};

// The command asked for what cannot be done here; of everything else something has to be mended.
const USAGE: readonly RefusalCode[] = ['does-not-fit', 'no-means'];

const VERDICTS = { passed: EXIT.done, failed: EXIT.failed, aborted: EXIT.aborted } as const;

/** A run that came to its end. */
export function resultOf(run: Run, experiment: Experiment, unprotected: boolean): Result {
  const { verdict, reason } = run;
  const plain: Result = { experiment: run.experiment, outcome: verdict, why: reason, exit: VERDICTS[verdict], run };
  return unprotected ? { ...plain, ...withoutProtection(run, experiment) } : plain;
}

/** Without its protection, a run must break one of those assertions that the experiment names for it. */
function withoutProtection(
  { verdict, reason, assertions }: Run,
  { protection: { name, breaks } }: Experiment,
): Pick<Result, 'outcome' | 'why' | 'exit'> {
  const broken = assertions.filter(({ outcome }) => outcome === 'broke').map(({ id }) => id);
  const expected = broken.filter((id) => breaks.includes(id));
  if (expected.length > 0)
    return { outcome: 'broke', why: `without ${name}, ${expected.join(', ')} broke`, exit: EXIT.done };
  if (verdict === 'aborted') return { outcome: 'aborted', why: reason, exit: EXIT.aborted };
  const what = broken.length === 0 ? 'nothing broke' : `only ${broken.join(', ')} broke`;
  return {
    outcome: 'withstood',
    why: `without ${name}, ${what}, and ${breaks.join(' or ')} has to: the drill does not show what protects`,
    exit: EXIT.failed,
  };
}

/** A run that was refused before anything was touched, or could not be made. */
export function refusalOf(experiment: string, error: Error): Result {
  return { experiment, outcome: 'refused', why: oneLine(error.message), exit: exitOf(error) };
}

/** A message of several lines in one. */
export function oneLine(message: string): string {
  return message.replaceAll(/:\s*\n\s*/g, ': ').replaceAll(/\s*\n\s*/g, '; ');
}

function exitOf(error: Error): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof UnavailableError) return EXIT.unavailable;
  return error instanceof DrillRefusedError && USAGE.includes(error.code) ? EXIT.usage : EXIT.failed;
}

/** The exit code of all results: a failure before what was broken off before what could not be run. */
export function exitCodeOf(results: readonly Result[], isBroken: boolean): number {
  if (isBroken) return EXIT.aborted;
  const ran = results.filter(({ outcome }) => outcome !== 'skipped');
  // Of several, one that was left out is no failure; of one, or of all, nothing was done.
  const counted = ran.length === 0 ? results : ran;
  const codes = counted.map(({ exit }) => exit);
  return [EXIT.failed, EXIT.aborted, EXIT.unavailable, EXIT.usage].find((code) => codes.includes(code)) ?? EXIT.done;
}
