import { k8s } from 'cdk8s-plus-28';
import { COMPONENTS, selectorLabels, sharedLabels, type Identity } from './labels.ts';
import { Layer } from './layer.ts';
import type { Construct } from 'constructs';
import type { Flow } from './flows.ts';

type End = Flow['from'];
type Peers = k8s.NetworkPolicyPeer[] | undefined;

/** The network of an environment: nothing in, nothing out, then exactly the given flows and name resolution. */
export class NetworkPolicies extends Layer {
  constructor(scope: Construct, identity: Identity, flows: readonly Flow[]) {
    super(scope, 'network', identity);
    const policy = (name: string, spec: k8s.NetworkPolicySpec) =>
      new k8s.KubeNetworkPolicy(this, name, { metadata: { name, labels: sharedLabels(identity) }, spec });

    policy('default-deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    policy('name-resolution', { podSelector: {}, policyTypes: ['Egress'], egress: [NAME_RESOLUTION] });
    for (const component of COMPONENTS) {
      const ingress = flows
        .filter(({ to }) => to === component)
        .map(({ from, ports }) => ({ ...withPeers('from', from), ports: ports.map(tcp) }));
      const egress = flows
        .filter(({ from }) => from === component)
        .map(({ to, ports }) => ({ ...withPeers('to', to), ports: ports.map(tcp) }));
      if (ingress.length + egress.length === 0) continue;
      policy(component, {
        podSelector: { matchLabels: selectorLabels(component) },
        policyTypes: [...(ingress.length > 0 ? ['Ingress'] : []), ...(egress.length > 0 ? ['Egress'] : [])],
        ...(ingress.length > 0 && { ingress }),
        ...(egress.length > 0 && { egress }),
      });
    }
  }
}

const NAME_RESOLUTION: k8s.NetworkPolicyEgressRule = {
  to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }],
  ports: [{ protocol: 'UDP', port: k8s.IntOrString.fromNumber(53) }, tcp(53)],
};

function tcp(port: number): k8s.NetworkPolicyPort {
  return { protocol: 'TCP', port: k8s.IntOrString.fromNumber(port) };
}

/** A rule without peers allows every address. */
function withPeers(key: 'from' | 'to', end: End): Record<string, k8s.NetworkPolicyPeer[]> {
  const peers = peersOf(end);
  return peers ? { [key]: peers } : {};
}

function peersOf(end: End): Peers {
  switch (end) {
    case 'anyone':
    case 'outside':
      return undefined;
    case 'cluster-prometheus':
      return [{ namespaceSelector: {}, podSelector: { matchLabels: { 'app.kubernetes.io/name': 'prometheus' } } }];
    default:
      return [{ podSelector: { matchLabels: selectorLabels(end) } }];
  }
}
