import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Provider } from '@pulumi/kubernetes';
import { getRootDirectory, RunError, secret, StackReference, type Config } from '@pulumi/pulumi';
// Not by the folder's index: a deploy has no use for what asks the cluster.
import { ClusterError } from '../../alerts/rollback/cluster/errors.ts';
import { parseKubeconfig } from '../cluster/kubeconfig.ts';

/** Where a stack finds its cluster; with neither file nor stack it is the cluster of KUBECONFIG or of `~/.kube/config`. */
export type ClusterSettings = {
  /** A kubeconfig file: absolute, or relative to the folder of Pulumi.yaml. */
  readonly file: string | undefined;
  /** Another stack that has a kubeconfig among its outputs: `organization/project/stack`. */
  readonly stack: string | undefined;
  /** Which output of that stack; its value is the text of a kubeconfig, or the same as an object. */
  readonly output: string;
  /** Which context of the kubeconfig; absent: its current one. */
  readonly context: string | undefined;
};

/** Reads `kubeconfigFile`, `kubeconfigStack`, `kubeconfigOutput` and `kubeconfigContext`. Throws a RunError when two of them contradict. */
export function readClusterSettings(config: Config): ClusterSettings {
  const settings = {
    file: config.get('kubeconfigFile'),
    stack: config.get('kubeconfigStack'),
    output: config.get('kubeconfigOutput') ?? 'kubeconfig',
    context: config.get('kubeconfigContext'),
  };
  if (settings.file !== undefined && settings.stack !== undefined) {
    throw new RunError(
      `The stack's configuration has both ${config.name}:kubeconfigFile and ${config.name}:kubeconfigStack; ` +
        `remove one with: pulumi config rm ${config.name}:kubeconfigFile`,
    );
  }
  return settings;
}

/**
 * The provider of a cluster that is not the environment's own; undefined: Pulumi's default provider reaches it. What
 * lets in is secret in Pulumi's state.
 */
export function clusterProvider(kubeconfig: string | undefined, { context }: ClusterSettings): Provider | undefined {
  if (kubeconfig === undefined && context === undefined) return undefined;
  return new Provider('cluster', {
    ...(kubeconfig !== undefined && { kubeconfig: secret(kubeconfig) }),
    ...(context !== undefined && { context }),
    // Pulumi.yaml says so to the default provider, and no other reads it.
    upsertExistingObjects: true,
  });
}

/**
 * The kubeconfig that a stack names; undefined: it names none. The text itself: in a path, others who share the stack
 * would have to agree with us. Rejects with a RunError when the file or the output is no kubeconfig.
 */
export async function readKubeconfig({ file, stack, output, context }: ClusterSettings): Promise<string | undefined> {
  if (stack !== undefined) {
    const source = `the output '${output}' of the stack '${stack}'`;
    return checked(await fromStack(stack, output), source, context);
  }
  return file === undefined ? undefined : checked(fromFile(file), `kubeconfigFile ${file}`, context);
}

function checked(kubeconfig: string, source: string, context: string | undefined): string {
  try {
    parseKubeconfig(kubeconfig, source, context);
    return kubeconfig;
  } catch (error) {
    throw error instanceof ClusterError ? new RunError(error.message) : error;
  }
}

function fromFile(file: string): string {
  try {
    return readFileSync(resolve(getRootDirectory(), file), 'utf8');
  } catch (error) {
    const { code = 'no reason given' } = error as NodeJS.ErrnoException;
    throw new RunError(
      `kubeconfigFile ${file} cannot be read (${code}); a relative one starts at Pulumi.yaml's folder`,
    );
  }
}

async function fromStack(stack: string, output: string): Promise<string> {
  const details: { readonly value?: unknown; readonly secretValue?: unknown } = await new StackReference(
    stack,
  ).getOutputDetails(output);
  const kubeconfig = details.secretValue ?? details.value;
  if (typeof kubeconfig === 'string' && kubeconfig !== '') return kubeconfig;
  // Some clouds hand it out as an object; JSON is YAML too.
  if (typeof kubeconfig === 'object' && kubeconfig !== null) return JSON.stringify(kubeconfig);
  throw new RunError(
    `The stack '${stack}' has no output '${output}' with a kubeconfig; ` +
      'bring that stack up first, or name another output with: pulumi config set kubeconfigOutput NAME',
  );
}
