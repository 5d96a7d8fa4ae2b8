import { holds } from './address-block.ts';
import { selects } from './label-selector.ts';
import type { Direction, Labels, NetworkPolicy, PolicyPeer, PolicyPort, Protocol } from './objects.ts';

/** A pod, as far as policies look at it. */
export type Pod = {
  readonly namespace: string;
  readonly labels: Labels;
  /** What a block of addresses may hold; none where they are not known. */
  readonly addresses?: readonly string[];
  /** Ports of its containers that have names. */
  readonly ports?: readonly { readonly name: string; readonly number: number; readonly protocol?: Protocol }[];
  /** The node that it runs on. */
  readonly node?: string;
};

/** One end of a connection: a pod, a node itself (such as its kubelet), or any other address. */
export type End = { readonly pod: Pod } | { readonly node: string } | { readonly address: string };

/** What decides on traffic in a cluster. */
export type Network = {
  readonly policies: readonly NetworkPolicy[];
  /** Labels by the name of the namespace; the one that Kubernetes gives to each, its name, need not be among them. */
  readonly namespaces?: Readonly<Record<string, Labels>>;
};

/** The label that each namespace has from Kubernetes: its name. */
export const NAMESPACE_LABEL = 'kubernetes.io/metadata.name';

/** What the policies of one pod say about one other end, in one direction. */
export type Admission = {
  /** Policies that select the pod for this direction; without one, or where none can forbid, all traffic passes. */
  readonly isolatedBy: readonly string[];
  /** Ports that rules for this other end allow, with the policy of each; every port where none is named. */
  readonly rules: readonly { readonly policy: string; readonly ports: readonly PolicyPort[] }[];
};

const FREE: Admission = { isolatedBy: [], rules: [] };

/** What the policies say about traffic of a pod with another end: coming in from it, or going out to it. */
export function admission(direction: Direction, pod: Pod, other: End, network: Network): Admission {
  // No policy comes between a pod and its own node, nor between a pod and itself.
  if ('node' in other && other.node === pod.node) return FREE;
  if ('pod' in other && other.pod === pod) return FREE;
  const policies = network.policies.filter((policy) => applies(policy, direction, pod));
  return {
    isolatedBy: policies.map(({ metadata }) => metadata.name),
    rules: policies.flatMap(({ metadata, spec }) =>
      rulesOf(spec, direction)
        .filter(({ peers }) => peers.length === 0 || peers.some((peer) => matches(peer, other, metadata, network)))
        .map(({ ports }) => ({ policy: metadata.name, ports })),
    ),
  };
}

/** The policies that allow a port of the receiving pod. It is open when there is one, or when nothing isolates. */
export function allowedBy({ rules }: Admission, protocol: Protocol, port: number, receiver?: Pod): readonly string[] {
  const open = rules.filter(
    ({ ports }) => ports.length === 0 || ports.some((each) => opens(each, protocol, port, receiver)),
  );
  return [...new Set(open.map(({ policy }) => policy))];
}

/** Directions that a policy isolates its pods in. */
export function policyTypes({ policyTypes, egress = [] }: NetworkPolicy['spec']): readonly Direction[] {
  return policyTypes ?? (egress.length > 0 ? ['Ingress', 'Egress'] : ['Ingress']);
}

function applies({ metadata, spec }: NetworkPolicy, direction: Direction, { namespace, labels }: Pod): boolean {
  const own = metadata.namespace === namespace && selects(spec.podSelector ?? {}, labels);
  return own && policyTypes(spec).includes(direction);
}

function rulesOf({ ingress = [], egress = [] }: NetworkPolicy['spec'], direction: Direction) {
  return direction === 'Ingress'
    ? ingress.map(({ from = [], ports = [] }) => ({ peers: from, ports }))
    : egress.map(({ to = [], ports = [] }) => ({ peers: to, ports }));
}

function matches(peer: PolicyPeer, other: End, { namespace }: { namespace: string }, network: Network): boolean {
  const { ipBlock, namespaceSelector, podSelector } = peer;
  if (ipBlock) return addressesOf(other).some((address) => holds(ipBlock, address));
  // A node and an address have no labels, so no selector picks them, not even one that picks all pods.
  if (!('pod' in other) || !(namespaceSelector ?? podSelector)) return false;
  const { pod } = other;
  const labels = { ...network.namespaces?.[pod.namespace], [NAMESPACE_LABEL]: pod.namespace };
  const inNamespace = namespaceSelector ? selects(namespaceSelector, labels) : pod.namespace === namespace;
  return inNamespace && selects(podSelector ?? {}, pod.labels);
}

function addressesOf(end: End): readonly string[] {
  if ('address' in end) return [end.address];
  return 'pod' in end ? (end.pod.addresses ?? []) : [];
}

function opens(allowed: PolicyPort, protocol: Protocol, port: number, receiver: Pod | undefined): boolean {
  if ((allowed.protocol ?? 'TCP') !== protocol) return false;
  const { port: first, endPort } = allowed;
  if (first === undefined) return true;
  if (typeof first === 'number') return first <= port && port <= (endPort ?? first);
  // A name means whatever number it has in the pod that receives.
  const named = receiver?.ports?.filter((each) => each.name === first && (each.protocol ?? 'TCP') === protocol);
  return named?.some(({ number }) => number === port) ?? false;
}
