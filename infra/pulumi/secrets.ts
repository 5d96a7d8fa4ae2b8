import { output, RunError, type Config, type Output } from '@pulumi/pulumi';
import type { Service } from '../../service/definition/index.ts';
import { secretObjects, wantedSecrets, type KubernetesObject, type SecretValues } from '../synth/index.ts';

/** The secret values of a stack. */
export type StackSecrets = {
  readonly values: Output<SecretValues>;
  /** As many values, of the same form and no secret. */
  readonly placeholders: SecretValues;
};

/** What stands in a placeholder: nothing of it is looked at but its form. */
const PLACEHOLDERS: Required<SecretValues> = {
  redisPassword: 'x',
  postgresPassword: 'x',
  grafanaPassword: 'x',
  guardToken: 'x'.repeat(32),
  probeKey: 'x'.repeat(32),
  drillKey: 'x'.repeat(32),
  redisUrl: 'redis://x',
  redisCacheUrl: 'redis://x',
  databaseUrl: 'postgres://x',
  databaseCertificates: '-----BEGIN CERTIFICATE-----',
};

/**
 * Reads what an environment takes of a stack's secret configuration. Throws one RunError that names every password that
 * is missing; an address that is missing is told by a Secret which someone else makes.
 */
export function readSecrets(service: Service, config: Config): StackSecrets {
  const { passwords, addresses } = wantedSecrets(service);
  const found = [...passwords, ...addresses].flatMap((key) => {
    const value = config.getSecret(key);
    return value ? [[key, value] as const] : [];
  });
  const keys = found.map(([key]) => key);
  const missing = passwords.filter((key) => !keys.includes(key));
  if (missing.length > 0) throw new RunError(missingText(missing, config.name));
  return {
    values: output(Object.fromEntries(found)),
    placeholders: Object.fromEntries(keys.map((key) => [key, PLACEHOLDERS[key]])),
  };
}

/**
 * The Secret objects that the manifests refer to, their values as secret outputs. Rejects with a RunError when a
 * password has a character that may not be in one, or an address is none; the message does not tell it.
 */
export async function secretInputs(
  service: Service,
  { values, placeholders }: StackSecrets,
): Promise<readonly KubernetesObject[]> {
  await requireUsable(service, values);
  // Names and keys are no secret: they are known before the values are, and come from the same function.
  return secretObjects(service, placeholders).map((object, index) => ({
    ...object,
    stringData: values.apply((known) => secretObjects(service, known)[index]?.stringData),
  }));
}

/** Configuration is known in a preview too, so this always settles. */
function requireUsable(service: Service, values: Output<SecretValues>): Promise<void> {
  return new Promise((resolve, reject) => {
    values.apply((known) => {
      try {
        secretObjects(service, known);
        resolve();
      } catch (error) {
        reject(new RunError((error as Error).message));
      }
    });
  });
}

function missingText(keys: readonly string[], project: string): string {
  const commands = keys.map((key) => `  pulumi config set --secret ${project}:${key}`);
  return `The stack's configuration misses ${new Intl.ListFormat('en-GB').format(keys)}; set with:\n${commands.join('\n')}`;
}
