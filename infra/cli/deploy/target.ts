import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Service } from '../../../service/definition/index.ts';
import { checkedSynthesis } from '../../checked-synthesis.ts';
import type { ApiReader } from '../../cluster/index.ts';
import type { Deployer, DeployRun } from '../../pulumi/deployer.ts';
import { PROJECT_FOLDER, readStackFile, type StackFile } from '../../pulumi/stack-file.ts';
import { findCommit, type KubernetesObject } from '../../synth/index.ts';
import { selectServices } from '../environments.ts';
import { asUsage, UsageError } from '../errors.ts';
import type { Desk } from './desk.ts';
import type { DeployOptions } from './options.ts';

/** An environment and the cluster that it is deployed to. */
export type Target = {
  readonly service: Service;
  /** Every object of the environment, and one in place of its Secrets, whose values only the stack knows. */
  readonly objects: readonly KubernetesObject[];
  readonly deployer: Deployer;
  readonly run: Omit<DeployRun, 'onEvent'>;
  readonly reader: ApiReader;
};

/**
 * Checks an environment, finds what deploys it and its cluster, in this order, and hands them over. Throws before
 * anything is asked of the cluster when a value, a check, Pulumi or the kubeconfig is not as it must be.
 */
export async function withTarget<T>(
  options: DeployOptions,
  desk: Desk,
  use: (target: Target) => Promise<T>,
): Promise<T> {
  const { env, set = [], installCli = false } = options;
  const stack = readStackFile(env);
  requireOneCluster(options, stack);
  const service = serviceOf(options, stack);
  const { manifests, chaos } = checkedSynthesis(
    service,
    asUsage('environment', () => findCommit()),
  );
  const deployer = await desk.deployer({ install: installCli });
  // Imported here: the client is large, and nothing before needs it.
  const { apiReader } = await import('../../cluster/index.ts');
  const reader = apiReader(await clusterOf(options, stack, deployer));
  const folder = mkdtempSync(join(tmpdir(), 'sluice-deploy-'));
  try {
    const kubeconfig = chosenKubeconfig(options, folder);
    return await use({
      service,
      objects: [...manifests, ...chaos, secretOf(service)],
      deployer,
      run: { environment: env, set, ...(kubeconfig !== undefined && { kubeconfig }) },
      reader,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function requireOneCluster({ env, kubeconfig, context }: DeployOptions, stack: StackFile): void {
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

function serviceOf({ env, set = [] }: DeployOptions, { values }: StackFile): Service {
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

async function clusterOf(
  { kubeconfig, context }: DeployOptions,
  stack: StackFile,
  deployer: Deployer,
): Promise<KubeConfig> {
  const { ClusterError, loadKubeconfig, parseKubeconfig } = await import('../../cluster/index.ts');
  const wanted = context ?? stack.context;
  const named = wanted === undefined ? {} : { context: wanted };
  if (stack.stack === undefined) {
    const file = kubeconfig ?? (stack.file === undefined ? undefined : resolve(PROJECT_FOLDER, stack.file));
    return loadKubeconfig(process.env, homedir(), { ...(file !== undefined && { file }), ...named });
  }
  const value = await deployer.output(stack.stack, stack.output);
  if (value === undefined || value === null) {
    throw new ClusterError(
      'wrong kubeconfig',
      `the stack '${stack.stack}' has no output '${stack.output}' with a kubeconfig; name it with: pulumi config set kubeconfigOutput NAME`,
    );
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return parseKubeconfig(text, `the output '${stack.output}' of the stack '${stack.stack}'`, wanted);
}

/** What Pulumi is to find in KUBECONFIG: of several files the first that names a current context counts. */
function chosenKubeconfig({ kubeconfig, context }: DeployOptions, folder: string): string | undefined {
  const file = kubeconfig === undefined ? undefined : resolve(kubeconfig);
  if (context === undefined) return file;
  const first = join(folder, 'context');
  writeFileSync(first, JSON.stringify({ apiVersion: 'v1', kind: 'Config', 'current-context': context }));
  const given = process.env.KUBECONFIG ?? '';
  return [first, file ?? (given === '' ? join(homedir(), '.kube', 'config') : given)].join(delimiter);
}

function secretOf({ name, namespace }: Service): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace } };
}
