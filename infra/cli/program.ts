import { Command } from 'commander';
import { definition } from '../../service/definition/index.ts';
import { checkCommand } from './commands/check.ts';
import { keysCommand } from './commands/keys.ts';
import { secretsCommand } from './commands/secrets.ts';
import { serveCommand } from './commands/serve.ts';
import { synthCommand } from './commands/synth.ts';

/** `sluice` with its commands. Parsing throws instead of ending the process. */
export function createProgram(): Command {
  const program = new Command('sluice')
    .description('One typed definition of a service yields everything that keeps it alive.')
    .version(definition.prod.version)
    .exitOverride()
    .showHelpAfterError("(see 'sluice --help')")
    .addHelpText(
      'after',
      `
Exit codes: 0 done, 1 a check failed, 2 wrong usage, 3 aborted and reverted, 69 something needed is missing.
NO_COLOR switches colour off; SLUICE_DEBUG=1 shows the stack of an error.

Example:
  $ sluice check --env prod --set scaling.max=12`,
    );
  for (const command of [checkCommand(), synthCommand(), secretsCommand(), keysCommand(), serveCommand()]) {
    program.addCommand(command);
    inherit(command, program, 'sluice');
  }
  return program;
}

/** A command has its settings from the program, and its own commands have them from it. */
function inherit(command: Command, parent: Command, path: string): void {
  const own = `${path} ${command.name()}`;
  command.copyInheritedSettings(parent).showHelpAfterError(`(see '${own} --help')`);
  for (const each of command.commands) inherit(each, command, own);
}
