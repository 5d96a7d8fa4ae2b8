import { Command } from 'commander';
import { definition } from '../../service/definition/index.ts';

/** The commands in the order of the help, each read when it is needed: `check` does not wait for cdk8s. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  check: async () => (await import('./commands/check.ts')).checkCommand(),
  diff: async () => (await import('./commands/diff.ts')).diffCommand(),
  synth: async () => (await import('./commands/synth.ts')).synthCommand(),
  preview: async () => (await import('./commands/preview.ts')).previewCommand(),
  up: async () => (await import('./commands/up.ts')).upCommand(),
  refresh: async () => (await import('./commands/refresh.ts')).refreshCommand(),
  destroy: async () => (await import('./commands/destroy.ts')).destroyCommand(),
  release: async () => (await import('./commands/release.ts')).releaseCommand(),
  drill: async () => (await import('./commands/drill.ts')).drillCommand(),
  secrets: async () => (await import('./commands/secrets.ts')).secretsCommand(),
  keys: async () => (await import('./commands/keys.ts')).keysCommand(),
  serve: async () => (await import('./commands/serve.ts')).serveCommand(),
};

/**
 * `sluice` with the command that the arguments begin with, or with all where they begin otherwise. Parsing throws
 * instead of ending the process.
 */
export async function createProgram([first = '']: readonly string[]): Promise<Command> {
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
  const named = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  const loading = named ? [named] : Object.values(COMMANDS);
  for (const command of await Promise.all(loading.map((load) => load()))) {
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
