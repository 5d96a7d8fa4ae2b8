import { Command } from 'commander';
import { processDesk } from '../deploy/desk.ts';
import { withDocument } from '../deploy/documents.ts';
import { withClusterOptions, withConfirmation, type DeployOptions } from '../deploy/options.ts';
import { deployUp } from '../deploy/up.ts';

const HELP = `
Checks the definition, the cluster and whether the release is quarantined or the environment frozen, and refuses with
every reason before it changes anything. Then it tells the plan, asks, deploys with progress on stderr, and ends when every pod of this very
release is Ready, or with 1 and a word why not as soon as that is known. The same as plain 'pulumi up' at the
repository root, with one state. --set holds for this run alone; pulumi config set --path 'sluice:set[0]' keeps a value.

Where the guard, or somebody with kubectl, has changed the pods of the gateway since, Pulumi looks at what runs first:
its state still names the release that was withdrawn. Plain Pulumi does so by 'pulumi up --refresh'.

Ctrl-C lets Pulumi finish what is under way and ends with 3; the next run goes on from there. Configuration that no
release can go back to is removed at the end. With --json, stdout has one document however the run ends.

Examples:
  $ sluice up --env dev
  $ sluice up --env prod --set image.digest=sha256:8c1f... --yes
  $ sluice up --env staging --kubeconfig staging.yaml --context staging --install-cli`;

/** `sluice up`: the deploy. */
export function upCommand(): Command {
  return withConfirmation(withClusterOptions(new Command('up')))
    .description('deploy an environment by Pulumi, and follow it until it is Ready')
    .addHelpText('after', HELP)
    .action(async (options: DeployOptions) => {
      const desk = processDesk();
      process.exitCode = await withDocument(options, desk, () => deployUp(options, desk));
    });
}
