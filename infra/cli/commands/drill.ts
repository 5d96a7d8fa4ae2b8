import { randomInt } from 'node:crypto';
import { Command, InvalidArgumentError, Option } from 'commander';
import { FULL, QUICK } from '../../../chaos/drill/pace.ts';
import { runExperiment } from '../../../chaos/drill/run-experiment.ts';
import { writeReport, writeSummary } from '../../../chaos/report/index.ts';
import { definition, type EnvironmentName } from '../../../service/definition/index.ts';
import { compare, type CompareOptions } from '../drill/compare.ts';
import { processDesk } from '../drill/desk.ts';
import { dryRun } from '../drill/dry-run.ts';
import { listExperiments } from '../drill/list.ts';
import { localTarget } from '../drill/local-target.ts';
import { exitCodeOf } from '../drill/result.ts';
import { resultsAsJson, resultsInWords } from '../drill/results-in-words.ts';
import { runDrills } from '../drill/run-drills.ts';
import { selectExperiments } from '../drill/select.ts';
import { stopLocal } from '../drill/stop-local.ts';
import { environmentOption } from '../environments.ts';

type Options = {
  readonly experiment?: string;
  readonly all?: boolean;
  readonly quick?: boolean;
  readonly seed?: number;
  readonly out: string;
  readonly env?: EnvironmentName;
  readonly dryRun?: boolean;
  readonly unprotected?: boolean;
  readonly json?: boolean;
};

/** Seeds that a person can type. */
const LARGEST_SEED = 2 ** 31 - 1;

const HELP = `
A local drill starts the real gateway with everything that it needs, each program of its own and at a free port, breaks
one thing, and takes it back whatever happens: Ctrl-C once takes the fault back and writes the report, and twice ends at
once. Its progress goes to stderr, its result to stdout, its evidence into a folder.
Exit codes: 0 every hypothesis held, 1 one did not, 2 wrong usage, 3 broken off and taken back, 69 a server is missing.

Examples:
  $ sluice drill --experiment upstream-slow
  $ sluice drill --all --quick
  $ sluice drill --experiment upstream-erroring --quick --unprotected
  $ sluice drill --all --dry-run`;

/** `sluice drill`: break one thing on purpose, and see whether everything follows that has to. */
export function drillCommand(): Command {
  return new Command('drill')
    .description('break one thing on purpose, and see whether everything follows that has to')
    .addOption(new Option('--experiment <id>', "which experiment; see 'sluice drill list'").conflicts('all'))
    .option('--all', 'every experiment, one after the other, also after one that failed')
    .option('--quick', 'time in rules passes twenty times as fast, so that a drill ends within 90 s')
    .option('--seed <number>', 'of the load; the same seed asks the same at the same moments (default: any)', parseSeed)
    .option('--out <folder>', 'where reports are written, a folder for each run', 'drills')
    .addOption(environmentOption('whose values are drilled (default: dev)'))
    .option('--dry-run', 'tell what would be touched, and what is skipped and why, and touch nothing')
    .option('--unprotected', 'switch off what the experiment rehearses, and expect it to fail: 1 when it does not')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', HELP)
    .addCommand(listCommand())
    .addCommand(stopCommand())
    .addCommand(reportCommand())
    .action(drill);
}

async function drill({ quick, seed, out, env = 'dev', unprotected = false, json, ...options }: Options): Promise<void> {
  const experiments = selectExperiments(options);
  const target = localTarget({ service: definition[env] });
  const desk = processDesk();
  if (options.dryRun) {
    process.exitCode = await dryRun(experiments, target, desk, { ...(json && { json }) });
    return;
  }
  const settings = {
    target,
    pace: quick ? QUICK : FULL,
    seed: seed ?? randomInt(LARGEST_SEED),
    out,
    unprotected,
  };
  const results = await runDrills(experiments, settings, desk, { run: runExperiment, writeReport });
  const runs = results.flatMap(({ run }) => run ?? []);
  const summary = options.all && runs.length > 0 ? writeSummary(runs, out) : undefined;
  const code = exitCodeOf(results, desk.broken.aborted);
  desk.out(json ? resultsAsJson(results, code, summary) : resultsInWords(results, summary));
  process.exitCode = code;
}

function listCommand(): Command {
  return new Command('list')
    .description('list the experiments: what does the fault where, the alert, the hypothesis')
    .option('--json', 'print the list as JSON')
    .addHelpText('after', '\nExample:\n  $ sluice drill list')
    .action((_own: object, command: Command) => {
      // The program takes the options of `drill` that stand before and after for those of `drill`.
      process.stdout.write(listExperiments(command.optsWithGlobals()));
    });
}

function stopCommand(): Command {
  return new Command('stop')
    .description('take the fault of a running drill back at once')
    .addHelpText(
      'after',
      '\nThe same as Ctrl-C in its terminal; of one that has died it ends what is left.\n\nExample:\n  $ sluice drill stop',
    )
    .action(async () => {
      process.exitCode = await stopLocal(processDesk());
    });
}

function reportCommand(): Command {
  return new Command('report')
    .description('compare runs: by how much what is expected takes longer, and what newly fails')
    .argument('<folder...>', 'folders of runs, or folders that hold such')
    .option('--html <folder>', 'write the comparison as comparison.html as well')
    .option('--json', 'print the comparison as JSON')
    .addHelpText(
      'after',
      '\nEnds with 1 when the newest run of an experiment fails and the one before passed, or a folder cannot be read.\n\nExamples:\n  $ sluice drill report drills\n  $ sluice drill report january february --html .',
    )
    .action((folders: readonly string[], _own: object, command: Command) => {
      process.exitCode = compare(folders, command.optsWithGlobals<CompareOptions>(), processDesk());
    });
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && seed <= LARGEST_SEED) return seed;
  throw new InvalidArgumentError(`It must be a whole number from 0 to ${LARGEST_SEED}.`);
}
