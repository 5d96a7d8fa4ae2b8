import { Command } from 'commander';
import { processDesk } from '../deploy/desk.ts';
import { deployDown } from '../deploy/destroy.ts';
import { withDocument } from '../deploy/documents.ts';
import { withClusterOptions, withConfirmation, type DeployOptions } from '../deploy/options.ts';

const HELP = `
Tells what goes, and asks for the name of the environment. The namespace goes with every volume in it: take a backup
first (kubectl create job --from=cronjob/postgres-backup last-backup).

Examples:
  $ sluice destroy --env dev
  $ sluice destroy --env dev --yes`;

/** `sluice destroy`: the end of an environment. */
export function destroyCommand(): Command {
  return withConfirmation(withClusterOptions(new Command('destroy')))
    .description('remove everything of an environment from its cluster, with its data')
    .addHelpText('after', HELP)
    .action(async (options: DeployOptions) => {
      const desk = processDesk();
      process.exitCode = await withDocument(options, desk, () => deployDown(options, desk));
    });
}
