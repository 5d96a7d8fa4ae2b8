import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { definition, type EnvironmentName } from '../../../service/definition/index.ts';
import { sortedYaml } from '../../charts/index.ts';
import { secretObjects, type SecretValues } from '../../synth/index.ts';
import { asUsage } from '../errors.ts';
import { environmentOption } from '../environments.ts';

const VARIABLES = ['REDIS_PASSWORD', 'POSTGRES_PASSWORD'] as const;
/** Where Redis is, by the Secret that tells it, for an environment whose Redis others run. */
const ADDRESSES = { REDIS_URL: 'redis', REDIS_CACHE_URL: 'redis-cache' } as const;
const RANDOM_BYTES = 24;

/** `sluice secrets`: the Secret objects that no synthesized file holds. */
export function secretsCommand(): Command {
  return new Command('secrets')
    .description('print the Secret objects of an environment, for those who apply by hand')
    .addOption(environmentOption('which environment').makeOptionMandatory())
    .addHelpText(
      'after',
      `
${VARIABLES.join(' and ')} give the passwords; every run makes those that are not set anew. Where others run
Redis (stores.redis.kind=external), ${Object.keys(ADDRESSES).join(' and ')} tell where it is; without one its Secret is left out.

Example:
  $ sluice secrets --env prod | kubectl apply -f -`,
    )
    .action(({ env }: { env: EnvironmentName }) => {
      const values = {
        redisPassword: readPassword('REDIS_PASSWORD'),
        postgresPassword: readPassword('POSTGRES_PASSWORD'),
        ...readAddress('redisUrl', 'REDIS_URL'),
        ...readAddress('redisCacheUrl', 'REDIS_CACHE_URL'),
      };
      const objects = asUsage(VARIABLES.join(', '), () => secretObjects(definition[env], values));
      process.stdout.write(sortedYaml(...objects));
      const isExternal = definition[env].stores.redis.kind === 'external';
      const unset = (variables: readonly string[]): string[] => variables.filter((variable) => !process.env[variable]);
      const missing = unset(isExternal ? VARIABLES.slice(1) : VARIABLES);
      if (missing.length > 0) process.stderr.write(note(missing));
      if (isExternal) unset(Object.keys(ADDRESSES)).forEach((variable) => process.stderr.write(leftOut(variable)));
    });
}

function readPassword(variable: (typeof VARIABLES)[number]): string {
  const given = process.env[variable] ?? '';
  return given === '' ? randomBytes(RANDOM_BYTES).toString('base64url') : given;
}

function readAddress(key: 'redisUrl' | 'redisCacheUrl', variable: keyof typeof ADDRESSES): Partial<SecretValues> {
  const given = process.env[variable] ?? '';
  return given === '' ? {} : { [key]: given };
}

function leftOut(variable: string): string {
  const name = ADDRESSES[variable as keyof typeof ADDRESSES];
  return `note: ${variable} not set: the Secret ${name} (key url) is left out; someone else has to make it.\n`;
}

function note(missing: readonly string[]): string {
  return (
    `note: ${missing.join(' and ')} not set: made anew here, and differently by the next run. ` +
    'Keep what is printed, or set them.\n'
  );
}
