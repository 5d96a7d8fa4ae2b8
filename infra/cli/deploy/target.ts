import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import type { Service } from '../../../service/definition/index.ts';
import { checkedSynthesis } from '../../checked-synthesis.ts';
import type { ApiReader, ApiWriter } from '../../cluster/index.ts';
import type { Deployer, DeployRun } from '../../pulumi/deployer.ts';
import { findCommit, type KubernetesObject } from '../../synth/index.ts';
import { asUsage } from '../errors.ts';
import type { Desk } from './desk.ts';
import type { DeployOptions } from './options.ts';
import { findCluster, readStackedService } from './stack.ts';

/** An environment and the cluster that it is deployed to. */
export type Target = {
  readonly service: Service;
  /** Every object of the environment, and one in place of its Secrets, whose values only the stack knows. */
  readonly objects: readonly KubernetesObject[];
  readonly deployer: Deployer;
  readonly run: Omit<DeployRun, 'onEvent'>;
  readonly reader: ApiReader;
  readonly writer: ApiWriter;
};

/**
 * Checks an environment, finds its cluster and what deploys it, and hands them over. Throws before anything is asked of
 * the cluster when a value, a check, the kubeconfig or Pulumi is not as it must be.
 */
export async function withTarget<T>(
  options: DeployOptions,
  desk: Desk,
  use: (target: Target) => Promise<T>,
): Promise<T> {
  const { env, set = [], installCli = false } = options;
  const { service, file } = readStackedService(options);
  const { manifests } = checkedSynthesis(
    service,
    asUsage('environment', () => findCommit()),
  );
  let found: Promise<Deployer> | undefined;
  const findDeployer = (): Promise<Deployer> => (found ??= desk.deployer({ install: installCli }));
  const config = await findCluster(options, file, findDeployer);
  const deployer = await findDeployer();
  // Imported here: the client is large, and nothing before needs it.
  const { apiReader, apiWriter } = await import('../../cluster/index.ts');
  const folder = mkdtempSync(join(tmpdir(), 'sluice-deploy-'));
  try {
    const kubeconfig = chosenKubeconfig(options, folder);
    return await use({
      service,
      objects: [...manifests, secretOf(service)],
      deployer,
      run: { environment: env, set, stop: desk.stop, ...(kubeconfig !== undefined && { kubeconfig }) },
      reader: apiReader(config),
      writer: apiWriter(config),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
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
