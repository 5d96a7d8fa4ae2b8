import type { Command } from 'commander';
import type { EnvironmentName } from '../../../service/definition/index.ts';
import { environmentOption } from '../environments.ts';

/** What every command that deploys is given. */
export type DeployOptions = {
  readonly env: EnvironmentName;
  readonly set?: readonly string[];
  readonly yes?: boolean;
  readonly installCli?: boolean;
  readonly json?: boolean;
  readonly kubeconfig?: string;
  readonly context?: string;
};

/** Adds the options that every command that deploys has. */
export function withDeployOptions(command: Command): Command {
  return command
    .addOption(environmentOption('which environment; it is also the name of the stack').makeOptionMandatory())
    .option('--set <path=value...>', 'a value of the definition for this run alone; may be given several times')
    .option('--kubeconfig <file>', 'the kubeconfig to use in place of the one that KUBECONFIG names')
    .option('--context <name>', 'the context of the kubeconfig to use in place of its current one')
    .option('--install-cli', 'fetch the Pulumi CLI into ~/.pulumi where it is missing')
    .option('--json', 'print the result as JSON');
}

/** Adds `--yes` to a command that asks. */
export function withConfirmation(command: Command): Command {
  return command.option('--yes', 'do not ask');
}
