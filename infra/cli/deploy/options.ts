import type { Command } from 'commander';
import type { EnvironmentName } from '../../../service/definition/index.ts';
import { environmentOption } from '../environments.ts';

/** What every command is given that looks at the cluster of an environment. */
export type ClusterOptions = {
  readonly env: EnvironmentName;
  readonly set?: readonly string[];
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly installCli?: boolean;
  readonly json?: boolean;
};

/** What every command that deploys is given. */
export type DeployOptions = ClusterOptions & { readonly yes?: boolean };

/** The options that these commands share, in the order of the help. */
const OPTIONS: readonly (readonly [flags: string, description: string])[] = [
  ['--set <path=value...>', 'a value of the definition for this run alone; may be given several times'],
  ['--kubeconfig <file>', 'the kubeconfig to use in place of the one that KUBECONFIG names'],
  ['--context <name>', 'the context of the kubeconfig to use in place of its current one'],
  ['--install-cli', 'fetch the Pulumi CLI into ~/.pulumi where it is missing'],
  ['--json', 'print the result as JSON'],
];

/** Adds the options that every command has which looks at the cluster of an environment. */
export function withClusterOptions(command: Command): Command {
  command.addOption(environmentOption('which environment; it is also the name of the stack').makeOptionMandatory());
  return withClusterChoice(command);
}

/** The same for a command that may be about every environment: `--env` is its own. */
export function withClusterChoice(command: Command): Command {
  for (const [flags, description] of OPTIONS) command.option(flags, description);
  return command;
}

/** Adds `--yes` to a command that asks. */
export function withConfirmation(command: Command): Command {
  return command.option('--yes', 'do not ask');
}
