import { RunError, type Output } from '@pulumi/pulumi';
import type { Service } from '../../service/definition/index.ts';
import type { AddressKey } from './settings.ts';
import { secretObjects, type KubernetesObject, type SecretValues } from '../synth/index.ts';

const PLACEHOLDERS: SecretValues = { redisPassword: 'x', postgresPassword: 'x' };

/**
 * The Secret objects that the manifests refer to, their values as secret outputs. Rejects with a RunError when a
 * password has a character that may not be in one, or an address is none; the message does not tell it.
 */
export async function secretInputs(
  service: Service,
  passwords: Output<SecretValues>,
  addresses: readonly AddressKey[] = [],
): Promise<readonly KubernetesObject[]> {
  await requireUsable(service, passwords);
  // Names and keys are no secret: they are known before the values are, and come from the same function.
  const placeholders = { ...PLACEHOLDERS, ...Object.fromEntries(addresses.map((key) => [key, 'redis://x'])) };
  return secretObjects(service, placeholders).map((object, index) => ({
    ...object,
    stringData: passwords.apply((values) => secretObjects(service, values)[index]?.stringData),
  }));
}

/** Configuration is known in a preview too, so this always settles. */
function requireUsable(service: Service, passwords: Output<SecretValues>): Promise<void> {
  return new Promise((resolve, reject) => {
    passwords.apply((values) => {
      try {
        secretObjects(service, values);
        resolve();
      } catch (error) {
        reject(new RunError((error as Error).message));
      }
    });
  });
}
