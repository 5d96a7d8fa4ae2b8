import { Command, Option } from 'commander';
import { compare, type CompareOptions } from '../drill/compare.ts';
import { processDesk } from '../drill/desk.ts';
import { listExperiments } from '../drill/list.ts';
import { parseSeed, withTarget, type DrillCommandOptions, type TargetOptions } from '../drill/options.ts';
import { stop } from '../drill/stop.ts';

const HELP = `
A local drill starts the real gateway with everything that it needs, each program of its own and at a free port, breaks
one thing, and takes it back whatever happens: Ctrl-C once takes the fault back and writes the report, and twice ends at
once. A drill on a cluster runs in it, as its monthly ones do, and is followed from here. Progress goes to stderr, the
result to stdout, the evidence into a folder.
Exit codes: 0 every hypothesis held, 1 one did not, 2 wrong usage, 3 broken off and taken back, 69 a server is missing.

Examples:
  $ sluice drill --experiment upstream-slow
  $ sluice drill --all --quick
  $ sluice drill --experiment upstream-erroring --quick --unprotected
  $ sluice drill --all --dry-run
  $ sluice drill --target cluster --env staging --experiment pod-kill`;

/** `sluice drill`: break one thing on purpose, and see whether everything follows that has to. */
export function drillCommand(): Command {
  const command = new Command('drill')
    .description('break one thing on purpose, and see whether everything follows that has to')
    .addOption(new Option('--experiment <id>', "which experiment; see 'sluice drill list'").conflicts('all'))
    .option('--all', 'every experiment, one after the other, also after one that failed')
    .option('--quick', 'time in rules passes twenty times as fast, so that a drill ends within 90 s')
    .option('--seed <number>', 'of the load; the same seed asks the same at the same moments (default: any)', parseSeed)
    .option('--out <folder>', 'where reports are written, a folder for each run', 'drills')
    .option('--dry-run', 'tell what would be touched, and what is skipped and why, and touch nothing')
    .option('--unprotected', 'switch off what the experiment rehearses, and expect it to fail: 1 when it does not')
    .option('--json', 'print the result as JSON');
  return withTarget(command)
    .addHelpText('after', HELP)
    .addCommand(listCommand())
    .addCommand(stopCommand())
    .addCommand(reportCommand())
    .action(async (options: DrillCommandOptions) => {
      // Imported here: what drills is large, and `list` and wrong usage do not wait for it.
      const { drill } = await import('../drill/drill.ts');
      process.exitCode = await drill(options, processDesk());
    });
}

function listCommand(): Command {
  return new Command('list')
    .description('list the experiments: what does the fault where, the alert, the hypothesis')
    .option('--json', 'print the list as JSON')
    .addHelpText('after', '\nExample:\n  $ sluice drill list')
    .action((_own: object, command: Command) => {
      // An option that `drill` has as well is taken for its own, wherever it stands.
      process.stdout.write(listExperiments(command.optsWithGlobals()));
    });
}

function stopCommand(): Command {
  return withTarget(new Command('stop'))
    .description('take the fault of a running drill back at once')
    .addHelpText(
      'after',
      `
On this machine it does what Ctrl-C in the drill's terminal does, and ends what is left of one that has died. With --env
or --target cluster it pulls the kill switch of that environment, whoever has started the drill.

Examples:
  $ sluice drill stop
  $ sluice drill stop --env staging`,
    )
    .action(async (_own: object, command: Command) => {
      process.exitCode = await stop(command.optsWithGlobals<TargetOptions>(), processDesk());
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
