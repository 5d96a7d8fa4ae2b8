import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { EnvironmentName } from '../../service/definition/index.ts';

/** What a stack's committed file decides, as far as it is no secret. */
export type StackFile = {
  /** Values of the definition that the stack replaces, each as `path=value`. */
  readonly values: readonly string[];
  /** Where the cluster is, as `readClusterSettings` has it. */
  readonly file: string | undefined;
  readonly stack: string | undefined;
  readonly output: string;
  readonly context: string | undefined;
};

/** The folder of Pulumi.yaml. */
export const PROJECT_FOLDER = fileURLToPath(new URL('../../', import.meta.url));

const PROJECT = 'sluice';

/** Reads `Pulumi.ENV.yaml` without Pulumi; a stack that has no file decides nothing. Throws when it is no YAML. */
export function readStackFile(environment: EnvironmentName, folder: string = PROJECT_FOLDER): StackFile {
  const path = join(folder, `Pulumi.${environment}.yaml`);
  const document = (existsSync(path) ? parse(readFileSync(path, 'utf8')) : undefined) as Document | null | undefined;
  const config = document?.config ?? {};
  const text = (key: string): string | undefined => {
    const value = config[`${PROJECT}:${key}`];
    return typeof value === 'string' ? value : undefined;
  };
  const digest = text('imageDigest');
  return {
    values: [...list(config[`${PROJECT}:set`]), ...(digest === undefined ? [] : [`image.digest=${digest}`])],
    file: text('kubeconfigFile'),
    stack: text('kubeconfigStack'),
    output: text('kubeconfigOutput') ?? 'kubeconfig',
    context: text('kubeconfigContext'),
  };
}

type Document = { readonly config?: Readonly<Record<string, unknown>> | null };

/** Anything but a list of texts is refused by the program itself, with what would be right. */
function list(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
