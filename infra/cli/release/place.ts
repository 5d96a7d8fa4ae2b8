import { userInfo } from 'node:os';
import type { KubeConfig } from '@kubernetes/client-node';
import type { EnvironmentName, Service } from '../../../service/definition/index.ts';
import type { ApiReader, ApiWriter } from '../../cluster/index.ts';
import type { Desk } from '../deploy/desk.ts';
import type { ClusterOptions } from '../deploy/options.ts';
import { findCluster, readStackedService } from '../deploy/stack.ts';

/** An environment, the cluster that it runs on, and who speaks to it. */
export type Place = {
  readonly env: EnvironmentName;
  readonly service: Service;
  readonly namespace: string;
  readonly reader: ApiReader;
  readonly writer: ApiWriter;
  /** Name of the person, as records have it. */
  readonly by: string;
};

/**
 * Finds it. Nothing is synthesized or checked: a definition that nobody may deploy keeps nobody from going back. Throws a
 * ClusterError or a UsageError.
 */
export async function findPlace(options: ClusterOptions, desk: Pick<Desk, 'deployer'>): Promise<Place> {
  const { env, installCli = false } = options;
  const { service, file } = readStackedService(options);
  const config = await findCluster(options, file, () => desk.deployer({ install: installCli }));
  // Imported here: the client is large, and wrong usage does not wait for it.
  const { apiReader, apiWriter } = await import('../../cluster/index.ts');
  const { namespace } = service;
  return { env, service, namespace, reader: apiReader(config), writer: apiWriter(config), by: personOf(config) };
}

/** Who sits here, and as whom the API server knows them. */
export function personOf(config: KubeConfig): string {
  const user = config.getCurrentUser()?.name ?? 'nobody';
  const person = accountOfMachine();
  return person === undefined || person === user ? user : `${person} as ${user}`;
}

function accountOfMachine(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    // An account without a name, as in many containers.
    return undefined;
  }
}
