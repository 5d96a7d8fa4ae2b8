import { Command } from 'commander';
import { processDesk } from '../deploy/desk.ts';
import { withDocument } from '../deploy/documents.ts';
import { withClusterOptions, type DeployOptions } from '../deploy/options.ts';
import { previewUp } from '../deploy/preview.ts';

const HELP = `
Needs the Pulumi CLI and the cluster, and changes nothing. Ends with 1 when something would keep 'sluice up' from
going ahead. What runs and what is to run are compared by Pulumi's state, and where the guard or somebody with kubectl
has changed the pods of the gateway by what runs; 'sluice diff --against cluster' needs no state.

Examples:
  $ sluice preview --env staging
  $ sluice preview --env prod --set scaling.max=5 --json`;

/** `sluice preview`: what a deploy would change, in words. */
export function previewCommand(): Command {
  return withClusterOptions(new Command('preview'))
    .description('tell in words what up would change, and what would keep it from doing so')
    .addHelpText('after', HELP)
    .action(async (options: DeployOptions) => {
      const desk = processDesk();
      process.exitCode = await withDocument(options, desk, () => previewUp(options, desk));
    });
}
