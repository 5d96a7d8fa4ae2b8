import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Service } from '../../../service/definition/index.ts';
import type { Deployer } from '../../pulumi/deployer.ts';
import { PROJECT_FOLDER, readStackFile, type StackFile } from '../../pulumi/stack-file.ts';
import { selectServices } from '../environments.ts';
import { UsageError } from '../errors.ts';
import type { ClusterOptions } from './options.ts';

/** An environment with the values that its stack's committed file and this run replace. */
export type StackedService = { readonly service: Service; readonly file: StackFile };

/** Reads it. Throws a UsageError when a value does not fit, or when two places say which cluster is meant. */
export function readStackedService(options: ClusterOptions): StackedService {
  const file = readStackFile(options.env);
  requireOneCluster(options, file);
  return { service: serviceOf(options, file), file };
}

/**
 * The cluster that an environment is on: as this run says, as its stack does, or as KUBECONFIG does. Only for the output
 * of another stack is the deployer needed. Throws a ClusterError.
 */
export async function findCluster(
  { kubeconfig, context }: ClusterOptions,
  stack: StackFile,
  findDeployer: () => Promise<Deployer>,
): Promise<KubeConfig> {
  const { ClusterError, loadKubeconfig, parseKubeconfig } = await import('../../cluster/index.ts');
  const wanted = context ?? stack.context;
  const named = wanted === undefined ? {} : { context: wanted };
  if (stack.stack === undefined) {
    const file = kubeconfig ?? (stack.file === undefined ? undefined : resolve(PROJECT_FOLDER, stack.file));
    return loadKubeconfig(process.env, homedir(), { ...(file !== undefined && { file }), ...named });
  }
  const value = await (await findDeployer()).output(stack.stack, stack.output);
  if (value === undefined || value === null) {
    throw new ClusterError(
      'wrong kubeconfig',
      `the stack '${stack.stack}' has no output '${stack.output}' with a kubeconfig; name it with: pulumi config set kubeconfigOutput NAME`,
    );
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return parseKubeconfig(text, `the output '${stack.output}' of the stack '${stack.stack}'`, wanted);
}

function requireOneCluster({ env, kubeconfig, context }: ClusterOptions, stack: StackFile): void {
  const given = Object.entries({ kubeconfig, context }).find(([, value]) => value !== undefined)?.[0];
  const named = Object.entries({
    kubeconfigFile: stack.file,
    kubeconfigStack: stack.stack,
    kubeconfigContext: stack.context,
  }).find(([, value]) => value !== undefined)?.[0];
  if (given === undefined || named === undefined) return;
  throw new UsageError(
    `--${given} and sluice:${named} of Pulumi.${env}.yaml both say which cluster is meant; leave --${given} out, or remove the other with: pulumi config rm ${named}`,
  );
}

function serviceOf({ env, set = [] }: ClusterOptions, { values }: StackFile): Service {
  try {
    selectServices({ env, set: values });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(error.message.replace('--set does', `sluice:set of Pulumi.${env}.yaml does`), {
      cause: error,
    });
  }
  const [service] = selectServices({ env, set: [...values, ...set] });
  if (!service) throw new UsageError(`there is no environment '${env}'`);
  return service;
}
