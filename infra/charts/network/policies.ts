import { NAMESPACE_LABEL, type NetworkPolicy, type PolicyPeer, type PolicyPort } from '../../network/index.ts';
import { COMPONENTS, programLabels, sharedLabels, type Identity } from '../objects/labels.ts';
import type { Flow } from './flow.ts';
import { placeOf, type Place } from './place.ts';

type Rule = { readonly peers: readonly PolicyPeer[] | undefined; readonly ports: readonly PolicyPort[] };

/**
 * The NetworkPolicies of an environment: nothing in, nothing out, then exactly the given flows and name resolution.
 * Plain data without cdk8s, so that a check which judges it does not wait for the library.
 */
export function networkPolicies(identity: Identity, flows: readonly Flow[]): readonly NetworkPolicy[] {
  const policy = (name: string, spec: NetworkPolicy['spec']): NetworkPolicy => ({
    metadata: { name, namespace: identity.namespace, labels: sharedLabels(identity) },
    spec,
  });
  const rule = (end: Flow['from'], ports: readonly number[]): Rule => ({
    peers: peersOf(end, identity.namespace),
    ports: ports.map((port) => ({ protocol: 'TCP', port })),
  });
  const components = COMPONENTS.flatMap((component) => {
    const ingress = flows.filter(({ to }) => to === component).map(({ from, ports }) => rule(from, ports));
    const egress = flows.filter(({ from }) => from === component).map(({ to, ports }) => rule(to, ports));
    if (ingress.length + egress.length === 0) return [];
    return policy(component, {
      podSelector: { matchLabels: programLabels(component) },
      policyTypes: [
        ...(ingress.length > 0 ? (['Ingress'] as const) : []),
        ...(egress.length > 0 ? (['Egress'] as const) : []),
      ],
      ...(ingress.length > 0 && {
        ingress: ingress.map(({ peers, ports }) => ({ ...(peers && { from: peers }), ports })),
      }),
      ...(egress.length > 0 && { egress: egress.map(({ peers, ports }) => ({ ...(peers && { to: peers }), ports })) }),
    });
  });
  return [
    policy('default-deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] }),
    policy('name-resolution', { podSelector: {}, policyTypes: ['Egress'], egress: [NAME_RESOLUTION] }),
    ...components,
  ];
}

/** Labels that the operator gives to the pods of every Prometheus and every Alertmanager that it runs. */
export const CLUSTER_MONITORING = {
  'cluster-prometheus': operated('prometheus'),
  'cluster-alertmanager': operated('alertmanager'),
} as const;

/** Values of the label `k8s-app` of the pods that resolve names, also where CoreDNS took the place of kube-dns. */
export const NAME_SERVERS = ['kube-dns', 'node-local-dns'];

/** Where NodeLocal DNSCache listens on each node; its pods have the network of the node, so no selector finds them. */
export const NODE_NAME_SERVER = '169.254.20.10';

const NAME_RESOLUTION = {
  to: [
    {
      namespaceSelector: { matchLabels: { [NAMESPACE_LABEL]: 'kube-system' } },
      podSelector: { matchExpressions: [{ key: 'k8s-app', operator: 'In', values: NAME_SERVERS }] },
    },
    { ipBlock: { cidr: `${NODE_NAME_SERVER}/32` } },
  ],
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
} as const;

// No service is there, but what hands out the credentials of a cloud's machine to whoever asks: that of most clouds,
// the second one of Azure, which knows the secrets of the node's own start, and those of Alibaba, AWS and Google.
const WITHOUT_METADATA: readonly PolicyPeer[] = [
  { ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.0.0/16', '168.63.129.16/32', '100.100.100.200/32'] } },
  { ipBlock: { cidr: '::/0', except: ['fd00:ec2::254/128', 'fd20:ce::254/128', 'fe80::/10'] } },
];

/** What picks an end; undefined: a rule without peers, which allows every address. */
function peersOf(end: Flow['from'], namespace: string): readonly PolicyPeer[] | undefined {
  // Whoever is in front of the gateway is seen by an address that differs with balancer and cluster.
  if (end === 'anyone') return undefined;
  // In any namespace, because each cluster has its monitoring in another; the labels are the same in all.
  if (end === 'cluster-prometheus' || end === 'cluster-alertmanager')
    return [{ namespaceSelector: {}, podSelector: { matchLabels: CLUSTER_MONITORING[end] } }];
  if (end === 'outside') return placePeers({ kind: 'anywhere' }, namespace);
  if (typeof end === 'string') return [{ podSelector: { matchLabels: programLabels(end) } }];
  return placePeers(placeOf(end, namespace), namespace);
}

function operated(name: string): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/managed-by': 'prometheus-operator', 'app.kubernetes.io/name': name };
}

function placePeers(place: Place, own: string): readonly PolicyPeer[] {
  switch (place.kind) {
    case 'address':
      return [{ ipBlock: { cidr: `${place.address}/${place.address.includes(':') ? 128 : 32}` } }];
    case 'namespace':
      return [{ namespaceSelector: { matchLabels: { [NAMESPACE_LABEL]: place.namespace } } }];
    case 'anywhere':
      // Pods of other namespaces by a selector too: some network plug-ins never find a pod in a block of addresses.
      return [...WITHOUT_METADATA, { namespaceSelector: otherThan(own) }];
  }
}

function otherThan(namespace: string) {
  return { matchExpressions: [{ key: NAMESPACE_LABEL, operator: 'NotIn', values: [namespace] }] } as const;
}
