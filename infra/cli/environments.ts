import { Option, type Command } from 'commander';
import {
  definition,
  DefinitionError,
  ENVIRONMENTS,
  withValues,
  type EnvironmentName,
  type Service,
} from '../../service/definition/index.ts';
import { UsageError } from './errors.ts';

/** What `--env`, `--all` and `--set` gave. */
export type EnvironmentOptions = {
  readonly env?: EnvironmentName;
  readonly all?: boolean;
  readonly set?: readonly string[];
};

/** `--env`, with the environments that there are. */
export function environmentOption(description: string): Option {
  return new Option('--env <environment>', description).choices(ENVIRONMENTS);
}

/** Adds `--env`, `--all` and `--set` to a command. */
export function withEnvironmentOptions(command: Command): Command {
  return command
    .addOption(environmentOption('one environment').conflicts('all'))
    .option('--all', 'every environment (the default)')
    .option('--set <path=value...>', 'try a value without an edit; may be given several times');
}

/** The environments that were asked for, with the values that were set. Throws a UsageError when one does not fit. */
export function selectServices({ env, set = [] }: EnvironmentOptions): readonly Service[] {
  const names = env ? [env] : ENVIRONMENTS;
  const refusals: string[] = [];
  const services = names.flatMap((name) => {
    try {
      return [withValues(definition[name], set)];
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw error;
      refusals.push(...error.message.split('\n').slice(1));
      return [];
    }
  });
  if (refusals.length === 0) return services;
  throw new UsageError(`--set does not fit the definition:\n${[...new Set(refusals)].join('\n')}`);
}
