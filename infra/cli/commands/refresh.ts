import { Command } from 'commander';
import { processDesk } from '../deploy/desk.ts';
import { withDocument } from '../deploy/documents.ts';
import { withClusterOptions, withConfirmation, type DeployOptions } from '../deploy/options.ts';
import { nameDrift, refreshState } from '../deploy/refresh.ts';

type Options = DeployOptions & { readonly expectNoChanges?: boolean };

/** `sluice refresh`: what somebody changed on the cluster since it was applied, and Pulumi's state with it. */
export function refreshCommand(): Command {
  return withConfirmation(withClusterOptions(new Command('refresh')))
    .description('name each field that somebody changed on the cluster, then bring it into the state of Pulumi')
    .option('--expect-no-changes', 'name it and leave the state alone; end with 1 when there is drift')
    .addHelpText(
      'after',
      `
Who set a field comes from the object's managedFields. What the autoscaler sets is no drift, and neither is what only
waits for the next deploy. With --expect-no-changes nothing is changed and no Pulumi is needed; without it, Pulumi takes
what runs as what was deployed last, so that the next 'sluice up' puts right what differs from the definition.

Examples:
  $ sluice refresh --env prod --expect-no-changes
  $ sluice refresh --env staging --yes`,
    )
    .action(async ({ expectNoChanges, ...options }: Options) => {
      const desk = processDesk();
      const refresh = expectNoChanges ? nameDrift : refreshState;
      process.exitCode = await withDocument(options, desk, () => refresh(options, desk));
    });
}
