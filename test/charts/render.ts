import { App, type Chart } from 'cdk8s';
import type { KubernetesObject } from '../../infra/synth/object.ts';
import { definition, withValues, type EnvironmentName, type Service } from '../../service/definition/index.ts';

/** An image as a release has it. */
export const IMAGE = {
  reference: 'ghcr.io/acme/orders:1.4.0-8c1f1af',
  pullPolicy: 'Always',
  commit: '8c1f1af',
} as const;

/** One environment of the sample service with some values tried out. */
export function environment(name: EnvironmentName = 'prod', ...settings: string[]): Service {
  return withValues(definition[name], settings);
}

/** The objects of one layer. */
export function render(build: (app: App) => Chart): readonly KubernetesObject[] {
  return build(new App()).toJson() as KubernetesObject[];
}

/** The only object of a kind, and of a name where the kind occurs more than once. */
export function requireObject(objects: readonly KubernetesObject[], kind: string, name?: string): KubernetesObject {
  const found = objects.filter(
    (object) => object.kind === kind && (name === undefined || object.metadata.name === name),
  );
  const [object] = found;
  if (!object || found.length > 1) throw new Error(`${found.length} objects of kind ${kind}`);
  return object;
}

/** A field of an object by its path: `spec.template.spec.containers.0.name`. */
export function field(object: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], object);
}

/** The text of one file of a ConfigMap. */
export function dataOf(configMap: KubernetesObject, file: string): string {
  const text = (configMap.data as Readonly<Record<string, string>>)[file];
  if (text === undefined) throw new Error(`${configMap.metadata.name} has no ${file}`);
  return text;
}
