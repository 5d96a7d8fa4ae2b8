import { KubernetesCluster } from '@pulumi/digitalocean';
import { Config, getStack, secret } from '@pulumi/pulumi';

const config = new Config();

const cluster = new KubernetesCluster('cluster', {
  name: `sluice-${getStack()}`,
  region: config.require('region'),
  version: config.require('version'),
  // When the version is raised, a new node comes before an old one goes.
  surgeUpgrade: true,
  // A control plane that survives the loss of one of its machines.
  ha: true,
  nodePool: {
    name: 'services',
    // 4 cores and 8 GiB; README.md, "from laptop to prod", has what an environment takes.
    size: 's-4vcpu-8gb',
    autoScale: true,
    minNodes: config.requireNumber('nodes'),
    maxNodes: 2 * config.requireNumber('nodes'),
  },
});

/** What other stacks reach the cluster by: `kubeconfigStack` of the platform and of each service names this stack. */
export const kubeconfig = secret(cluster.kubeConfigs.apply(([first]) => first?.rawConfig));
