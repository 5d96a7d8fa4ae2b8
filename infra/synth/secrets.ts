import type { Service } from '../../service/definition/index.ts';
import { sharedLabels } from '../charts/index.ts';
import type { KubernetesObject } from './object.ts';

/** The passwords of one environment; URL-safe characters only, because they become part of addresses. */
export type SecretValues = {
  readonly redisPassword: string;
  readonly postgresPassword: string;
};

/**
 * The Secret objects that the manifests refer to, for those who apply by hand; no synthesized file holds them.
 * Throws when a password has a character that an address would need escaped; the message does not tell it.
 */
export function secretObjects(service: Service, values: SecretValues): readonly KubernetesObject[] {
  for (const [name, value] of Object.entries(values)) {
    if (!/^[\w.~-]+$/.test(value)) throw new Error(`${name} must have letters, digits and . _ ~ - only`);
  }
  const secret = (name: string, stringData: Readonly<Record<string, string>>): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: service.namespace, labels: sharedLabels(service) },
    stringData,
    type: 'Opaque',
  });
  const { redisPassword, postgresPassword } = values;
  const url = `postgres://${service.name}:${postgresPassword}@postgres:5432/${service.name}`;
  return [
    secret('postgres', { password: postgresPassword, url }),
    ...(service.stores.backend === 'redis' ? [secret('redis', { password: redisPassword })] : []),
  ];
}
