import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { ClusterError } from '../../alerts/rollback/cluster/errors.ts';

const HOW_TO_GET_ONE = 'set KUBECONFIG to the file that your cluster gave you';

/** What a person may say on which cluster is meant. */
export type KubeconfigChoice = {
  /** A file to read in place of those that KUBECONFIG names. */
  readonly file?: string;
  /** The context to use in place of the current one. */
  readonly context?: string;
};

/** Which cluster is meant, as kubectl finds it: the files that KUBECONFIG names, else `~/.kube/config`. Throws a ClusterError. */
export function loadKubeconfig(
  variables: Readonly<Record<string, string | undefined>> = process.env,
  home: string = homedir(),
  { file: chosen, context }: KubeconfigChoice = {},
): KubeConfig {
  const given =
    chosen === undefined ? (variables.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '') : [chosen];
  const usual = join(home, '.kube', 'config');
  const files = given.length > 0 ? given : [usual];
  // As with kubectl, of several files those that there are count.
  const there = files.filter((file) => existsSync(file));
  if (there.length === 0) {
    const missing = given.length > 0 ? `KUBECONFIG names ${given.join(', ')}` : `KUBECONFIG is not set`;
    const absent = given.length > 0 ? 'which does not exist' : `and ${usual} does not exist`;
    throw new ClusterError('no kubeconfig', `no cluster: ${missing}, ${absent}; ${HOW_TO_GET_ONE}`);
  }
  const [first = '', ...others] = there;
  const config = load(first);
  for (const file of others) config.mergeConfig(load(file), true);
  if (context !== undefined) config.setCurrentContext(context);
  requireComplete(config, there.join(', '));
  return config;
}

/** The cluster that the text of a kubeconfig means; `source` says where the text is from. Throws a ClusterError. */
export function parseKubeconfig(text: string, source: string, context?: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromString(text);
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('\n');
    throw new ClusterError('wrong kubeconfig', `${source} is no kubeconfig (${reason})`, error);
  }
  if (context !== undefined) config.setCurrentContext(context);
  requireComplete(config, source);
  return config;
}

function load(file: string): KubeConfig {
  const config = new KubeConfig();
  try {
    readFileSync(file);
    config.loadFromFile(file);
    return config;
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('\n');
    const message = `KUBECONFIG: ${file} is no kubeconfig (${reason}); ${HOW_TO_GET_ONE}`;
    throw new ClusterError('wrong kubeconfig', message, error);
  }
}

function requireComplete(config: KubeConfig, files: string): void {
  // The library types it as text, and reads whatever the file says.
  const current = config.getCurrentContext() as string | undefined;
  const known = config.getContexts().map(({ name }) => name);
  const context = config.getContextObject(current ?? '');
  if (!context) {
    const problem = current ? `means the context '${current}', which it does not have` : 'has no current context';
    const hint = known.length > 0 ? `kubectl config use-context ${known.join(' | ')}` : HOW_TO_GET_ONE;
    throw new ClusterError('wrong kubeconfig', `KUBECONFIG: ${files} ${problem}; ${hint}`);
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null || !URL.canParse(cluster.server)) {
    throw new ClusterError(
      'wrong kubeconfig',
      `KUBECONFIG: in ${files} the cluster '${context.cluster}' of context '${context.name}' has no server; ${HOW_TO_GET_ONE}`,
    );
  }
}
