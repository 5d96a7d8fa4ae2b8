import { styleText } from 'node:util';
import { join } from 'node:path';
import type { Run } from '../../../chaos/report/index.ts';
import { documentOf } from '../deploy/documents.ts';
import { lengthInWords } from '../release/times.ts';
import { tableOf } from '../table.ts';
import type { Result } from './result.ts';

const NONE = '-';

type Style = Parameters<typeof styleText>[0];

const STYLES: Readonly<Record<Result['outcome'], Style>> = {
  passed: 'green',
  broke: 'green',
  failed: 'red',
  withstood: 'red',
  refused: 'red',
  aborted: 'yellow',
  'not-run': 'yellow',
  skipped: 'dim',
};

/** The results as they end a command: of one experiment what held and what broke, of several a row each. */
export function resultsInWords(results: readonly Result[], summary?: string): string {
  const [only, ...others] = results;
  if (only && others.length === 0) return oneInWords(only);
  const table = tableOf(
    ['experiment', 'outcome', 'took', 'lost', 'why'],
    results.map(({ experiment, outcome, run, why }) => [
      experiment,
      outcome,
      run ? lengthInWords(run.endedAt - run.startedAt) : NONE,
      run ? lostOf(run) : NONE,
      why,
    ]),
  );
  const counts = [...Map.groupBy(results, ({ outcome }) => outcome)].map(
    ([outcome, { length }]) => `${length} ${outcome}`,
  );
  return `${table}\n${counts.join(', ')}\n${summary === undefined ? '' : `report: ${summary}\n`}`;
}

/** For programs. */
export function resultsAsJson(results: readonly Result[], exitCode: number, summary?: string): string {
  return documentOf({
    exitCode,
    ...(summary !== undefined && { summary }),
    experiments: results.map(({ experiment, outcome, why, run, report }) => ({
      experiment,
      outcome,
      why,
      ...(report !== undefined && { report }),
      ...(run && {
        run: run.id,
        verdict: run.verdict,
        seed: run.seed,
        pace: run.pace,
        means: run.means,
        startedAt: run.startedAt,
        endedAt: run.endedAt,
        assertions: run.assertions,
        lanes: run.lanes,
        repeat: run.repeat,
      }),
    })),
  });
}

function oneInWords({ experiment, outcome, why, run, report }: Result): string {
  const verdict = styleText(STYLES[outcome], outcome, { stream: process.stdout });
  const head = `${experiment} ${verdict}: ${why}\n`;
  if (!run || report === undefined) return head;
  const assertions = tableOf(
    ['assertion', 'outcome', 'measured', 'allowed'],
    run.assertions.map((each) => [each.id, each.outcome, each.reason ?? each.measured, each.allowed]),
  );
  return `${assertions}\n${head}report: ${join(report, 'report.html')}\nagain:  ${run.repeat}\n`;
}

/** Requests that were lost, of the critical lane first. */
function lostOf({ lanes }: Run): string {
  return lanes.length === 0 ? NONE : lanes.map(({ lane, lost, sent }) => `${lane} ${lost}/${sent}`).join(', ');
}
