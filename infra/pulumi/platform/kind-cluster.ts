import { stringify } from 'yaml';
import { definition, ENVIRONMENTS } from '../../../service/definition/index.ts';

const NAME = 'sluice';

// With its digest: kind supports an image only as the release that built it published it (v0.33.0).
const NODE_IMAGE = 'kindest/node:v1.34.11@sha256:44e222ee2132dab25ff87301682f89eb82c7880ea3a1bf543bfe9708fd08d67d';

const HEADER = `# Generated from the definition by \`npm run generate\`; a test fails when it is stale.
# A cluster on a laptop, with as many zones as an environment spreads over (kind 0.33 or later):
#   kind create cluster --config infra/pulumi/platform/kind.yaml
`;

/** The context that kind writes into the kubeconfig. */
export const KIND_CONTEXT = `kind-${NAME}`;

/** kind.yaml: one node that controls, and one in each zone for pods. */
export function kindCluster(): string {
  const zones = Math.max(...ENVIRONMENTS.map((name) => definition[name].scaling.spreadDomains));
  const workers = Array.from({ length: zones }, (_, index) => ({
    role: 'worker',
    image: NODE_IMAGE,
    labels: { 'topology.kubernetes.io/zone': `zone-${index + 1}` },
  }));
  const nodes = [{ role: 'control-plane', image: NODE_IMAGE }, ...workers];
  const cluster = { kind: 'Cluster', apiVersion: 'kind.x-k8s.io/v1alpha4', name: NAME, nodes };
  return HEADER + stringify(cluster, { lineWidth: 0, aliasDuplicateObjects: false });
}
