import { definition, withValues, type EnvironmentName, type Service } from '../../service/definition/index.ts';

/** An environment of another service that is a copy of the sample: its own name, namespace, image and host. */
export function copyOf(environment: EnvironmentName, name: string, namespace: string, ...values: string[]): Service {
  const service = definition[environment];
  const host = service.ingress.kind === 'none' ? [] : [`ingress.host=${name}.acme.com`];
  return withValues(service, [
    `name=${name}`,
    `namespace=${namespace}`,
    `image.repository=ghcr.io/acme/${name}`,
    ...host,
    ...values,
  ]);
}
