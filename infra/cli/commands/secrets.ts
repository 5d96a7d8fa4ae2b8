import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { definition, type EnvironmentName } from '../../../service/definition/index.ts';
import { sortedYaml } from '../../charts/index.ts';
import { secretObjects } from '../../synth/index.ts';
import { asUsage } from '../errors.ts';
import { environmentOption } from '../environments.ts';

const VARIABLES = ['REDIS_PASSWORD', 'POSTGRES_PASSWORD'] as const;
const RANDOM_BYTES = 24;

/** `sluice secrets`: the Secret objects that no synthesized file holds. */
export function secretsCommand(): Command {
  return new Command('secrets')
    .description('print the Secret objects of an environment, for those who apply by hand')
    .addOption(environmentOption('which environment').makeOptionMandatory())
    .addHelpText(
      'after',
      `
${VARIABLES.join(' and ')} give the passwords; every run makes those that are not set anew.

Example:
  $ sluice secrets --env prod | kubectl apply -f -`,
    )
    .action(({ env }: { env: EnvironmentName }) => {
      const values = {
        redisPassword: readPassword('REDIS_PASSWORD'),
        postgresPassword: readPassword('POSTGRES_PASSWORD'),
      };
      const objects = asUsage(VARIABLES.join(', '), () => secretObjects(definition[env], values));
      process.stdout.write(sortedYaml(...objects));
      const missing = VARIABLES.filter((variable) => !process.env[variable]);
      if (missing.length > 0) process.stderr.write(note(missing));
    });
}

function readPassword(variable: (typeof VARIABLES)[number]): string {
  const given = process.env[variable] ?? '';
  return given === '' ? randomBytes(RANDOM_BYTES).toString('base64url') : given;
}

function note(missing: readonly string[]): string {
  return (
    `note: ${missing.join(' and ')} not set: made anew here, and differently by the next run. ` +
    'Keep what is printed, or set them.\n'
  );
}
