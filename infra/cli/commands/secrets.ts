import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { definition, type EnvironmentName } from '../../../service/definition/index.ts';
import { sortedYaml } from '../../charts/index.ts';
import {
  missingProviderKeys,
  missingReceiverSecrets,
  secretObjects,
  wantedSecrets,
  type SecretKey,
  type SecretValues,
} from '../../synth/index.ts';
import { asUsage } from '../errors.ts';
import { environmentOption } from '../environments.ts';

/** Variables by the value that they give. */
const VARIABLES = {
  redisPassword: 'REDIS_PASSWORD',
  postgresPassword: 'POSTGRES_PASSWORD',
  grafanaPassword: 'GRAFANA_PASSWORD',
  guardToken: 'GUARD_TOKEN',
  probeKey: 'PROBE_KEY',
  drillKey: 'DRILL_KEY',
  redisUrl: 'REDIS_URL',
  redisCacheUrl: 'REDIS_CACHE_URL',
  databaseUrl: 'DATABASE_URL',
  databaseCertificates: 'DATABASE_CERTIFICATES',
} as const satisfies Readonly<Record<SecretKey, string>>;

/** The Secret, and its key, that is left out without an address. */
const LEFT_OUT: Readonly<Partial<Record<SecretKey, string>>> = {
  redisUrl: 'redis (key url)',
  redisCacheUrl: 'redis-cache (key url)',
  databaseUrl: 'postgres (key url)',
};

const RANDOM_BYTES = 24;

/** `sluice secrets`: the Secret objects that no synthesized file holds. */
export function secretsCommand(): Command {
  return new Command('secrets')
    .description('print the Secret objects of an environment, for those who apply by hand')
    .addOption(environmentOption('which environment').makeOptionMandatory())
    .addHelpText(
      'after',
      `
REDIS_PASSWORD, POSTGRES_PASSWORD and, where it runs, GRAFANA_PASSWORD give the passwords, GUARD_TOKEN and PROBE_KEY what
Alertmanager shows the guard and the guard the gateway, DRILL_KEY what a drill shows its keeper where there are drills;
every run makes those that are not set anew. Where others run Redis (stores.redis.kind=external), REDIS_URL and
REDIS_CACHE_URL tell where it is, and where others run Postgres (datastores.postgres.kind=external), DATABASE_URL does,
with DATABASE_CERTIFICATES where externalTls=secret; without one its Secret is left out. So are the Secrets of receivers
of alerts, which only those have who run them, and the keys of the providers of models: each is named, with the command
that makes it.

Example:
  $ sluice secrets --env prod | kubectl apply -f -`,
    )
    .action(({ env }: { env: EnvironmentName }) => {
      const { passwords, addresses } = wantedSecrets(definition[env]);
      const unset = (keys: readonly SecretKey[]): SecretKey[] => keys.filter((key) => read(key) === undefined);
      const values: SecretValues = Object.fromEntries<string>([
        ...passwords.map((key) => [key, read(key) ?? randomBytes(RANDOM_BYTES).toString('base64url')] as const),
        ...addresses.flatMap((key) => {
          const address = read(key);
          return address === undefined ? [] : [[key, address] as const];
        }),
      ]);
      const names = [...passwords, ...addresses].map((key) => VARIABLES[key]);
      const objects = asUsage(names.join(', '), () => secretObjects(definition[env], values));
      process.stdout.write(sortedYaml(...objects));
      const made = unset(passwords).map((key) => VARIABLES[key]);
      if (made.length > 0) process.stderr.write(note(made));
      for (const key of unset(addresses)) process.stderr.write(leftOut(key));
      for (const line of [...missingReceiverSecrets(definition[env]), ...missingProviderKeys(definition[env])])
        process.stderr.write(`note: ${line}\n`);
    });
}

function read(key: SecretKey): string | undefined {
  const given = process.env[VARIABLES[key]] ?? '';
  return given === '' ? undefined : given;
}

function leftOut(key: SecretKey): string {
  const secret = LEFT_OUT[key];
  if (secret === undefined) return '';
  return `note: ${VARIABLES[key]} not set: the Secret ${secret} is left out; someone else has to make it.\n`;
}

function note(missing: readonly string[]): string {
  return (
    `note: ${new Intl.ListFormat('en-GB').format(missing)} not set: made anew here, and differently by the next run. ` +
    'Keep what is printed, or set them.\n'
  );
}
