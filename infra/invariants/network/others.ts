import type { Flow } from '../../charts/network/flow.ts';
import type { Component } from '../../charts/objects/labels.ts';
import { placeOf, type Host, type Place } from '../../charts/network/place.ts';
import { CLUSTER_MONITORING, NAME_SERVERS, NODE_NAME_SERVER } from '../../charts/network/policies.ts';
import type { End, Labels } from '../../network/index.ts';
import { NODE, type ComponentPod } from './environment-network.ts';

/** Who may be at the other end of a pod's traffic. */
export type Other = {
  /** As a finding names it. */
  readonly name: string;
  readonly end: End;
  /** What it is, where a flow or name resolution can mean it. */
  readonly is?: Component | keyof typeof CLUSTER_MONITORING | 'name-server' | 'own-node';
};

const CLUSTER = [
  ['cluster-prometheus', "the cluster's Prometheus"],
  ['cluster-alertmanager', "the cluster's Alertmanager"],
] as const;

const SYSTEM = 'kube-system';

/** Where clouds hand out the credentials of a machine. */
const METADATA = [
  ['the cloud', '169.254.169.254'],
  ['Azure', '168.63.129.16'],
  ['Alibaba', '100.100.100.200'],
  ['AWS by IPv6', 'fd00:ec2::254'],
  ['Google by IPv6', 'fd20:ce::254'],
] as const;

/** Addresses that are meant only by who writes them. */
const NOT_ANYWHERE: readonly string[] = [NODE_NAME_SERVER, ...METADATA.map(([, address]) => address)];

/**
 * One of each kind of end that policies can tell apart: the programs themselves (other pods of them), the same
 * programs of another service, strangers near and far, what resolves names, addresses, and the hosts that flows name.
 * Pods have no addresses here, because plug-ins differ in whether a block of addresses holds a pod; where it does,
 * the rules of the receiving pod, which name no block, still refuse what no flow declares.
 */
export function others(pods: readonly ComponentPod[], flows: readonly Flow[], own: string): readonly Other[] {
  const foreign = `not-${own}`;
  const hosts = flows.flatMap(({ from, to }) => [from, to].filter((end) => typeof end !== 'string'));
  return [
    ...pods.map(({ component, pod }) => ({ name: component, end: { pod: { ...pod } }, is: component })),
    ...pods.map(({ component, pod }) => inNamespace(`${component} of another namespace`, foreign, pod.labels)),
    inNamespace('a pod without labels of the same namespace', own, {}),
    inNamespace('a pod without labels of another namespace', foreign, {}),
    ...CLUSTER.map(([is, name]) => ({ ...inNamespace(name, 'monitoring', CLUSTER_MONITORING[is]), is })),
    ...['prometheus', 'alertmanager'].map((name) =>
      inNamespace(`a pod that only calls itself ${name}`, foreign, { 'app.kubernetes.io/name': name }),
    ),
    ...NAME_SERVERS.map((name) => ({ ...inNamespace(name, SYSTEM, { 'k8s-app': name }), is: 'name-server' as const })),
    inNamespace('a pod of another namespace that calls itself kube-dns', foreign, { 'k8s-app': 'kube-dns' }),
    inNamespace('a pod of kube-system that resolves no names', SYSTEM, { 'k8s-app': 'metrics-server' }),
    { name: "the node's name server", end: { address: NODE_NAME_SERVER }, is: 'name-server' },
    ...METADATA.map(([cloud, address]) => ({
      name: `the metadata service of ${cloud}`,
      end: { address },
    })),
    { name: "the pod's own node", end: { node: NODE }, is: 'own-node' },
    { name: 'an address of a private network', end: { address: '10.20.30.40' } },
    { name: 'an address of the internet', end: { address: '203.0.113.7' } },
    { name: 'an address of the internet by IPv6', end: { address: '2001:db8::7' } },
    ...hosts.flatMap((host) => placed(host, own)),
  ];
}

/** Whether the end of a flow means this other end. */
export function means(end: Flow['from'], other: Other, own: string): boolean {
  if (end === 'anyone') return true;
  if (end === 'outside') return isIn({ kind: 'anywhere' }, other, own);
  if (typeof end === 'string') return other.is === end;
  return isIn(placeOf(end, own), other, own);
}

function isIn(place: Place, { end }: Other, own: string): boolean {
  if ('node' in end) return false;
  switch (place.kind) {
    case 'address':
      return 'address' in end && end.address === place.address;
    case 'namespace':
      return 'pod' in end && end.pod.namespace === place.namespace;
    case 'anywhere':
      return 'pod' in end ? end.pod.namespace !== own : !NOT_ANYWHERE.includes(end.address);
  }
}

function placed(host: Host, own: string): Other[] {
  const place = placeOf(host, own);
  switch (place.kind) {
    case 'address':
      return [{ name: host.host, end: { address: place.address } }];
    case 'namespace':
      return [inNamespace(`${host.host}, a pod of ${place.namespace}`, place.namespace, {})];
    case 'anywhere':
      return [];
  }
}

function inNamespace(name: string, namespace: string, labels: Labels): Other {
  return { name, end: { pod: { namespace, labels } } };
}
