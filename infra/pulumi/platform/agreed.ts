import type { Service } from '../../../service/definition/index.ts';
import { PlatformError } from './errors.ts';

/**
 * The one value that all environments of a cluster have, of those that have one; else the fallback. Throws a
 * PlatformError when two differ: a cluster has each part once.
 */
export function agreed(
  services: readonly Service[],
  path: string,
  pick: (service: Service) => string | undefined,
  fallback: string,
): string {
  const found = services.flatMap((service) => {
    const value = pick(service);
    return value === undefined ? [] : [{ namespace: service.namespace, value }];
  });
  const values = new Set(found.map(({ value }) => value));
  if (values.size > 1) {
    const told = found.map(({ namespace, value }) => `${namespace} has '${value}'`).join(', ');
    throw new PlatformError(
      `${path} must be the same in all environments of one cluster: ${told}; ` +
        'make them agree, or say which environments the cluster has with: pulumi config set --path "environments[0]" prod',
    );
  }
  return found[0]?.value ?? fallback;
}
