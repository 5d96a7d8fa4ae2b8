import { Config, RunError, type Output } from '@pulumi/pulumi';
import type { KubernetesObject } from '../../synth/index.ts';
import { clusterProvider, readKubeconfig } from '../kubeconfig.ts';
import { PlatformError } from './errors.ts';
import { PLATFORM_LABELS } from './labels.ts';
import { GRAFANA_SECRET } from './objects.ts';
import { planPlatform } from './plan.ts';
import { registerPlatform } from './register.ts';
import { readPlatformSettings } from './settings.ts';

const { settings, plan } = told(() => {
  const read = readPlatformSettings(new Config());
  return { settings: read, plan: planPlatform(read.request) };
});
const provider = clusterProvider(await readKubeconfig(settings.cluster), settings.cluster);
const monitoring = plan.find(({ id }) => id === 'monitoring');
registerPlatform(
  plan,
  monitoring && settings.grafanaPassword
    ? { monitoring: [grafanaSecret(monitoring.namespace, settings.grafanaPassword)] }
    : {},
  provider && { provider },
);

/** The parts that the cluster has from this program. */
export const parts = plan.map(({ id }) => id);

function grafanaSecret(namespace: string, password: Output<string>): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: GRAFANA_SECRET, namespace, labels: PLATFORM_LABELS },
    stringData: password.apply((value) => ({ user: 'admin', password: value })),
  };
}

/** What is wrong says all there is to say; Pulumi prints a RunError without a stack trace. */
function told<T>(attempt: () => T): T {
  try {
    return attempt();
  } catch (error) {
    throw error instanceof PlatformError ? new RunError(error.message) : error;
  }
}
