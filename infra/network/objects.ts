/** A protocol that policies know. */
export type Protocol = 'TCP' | 'UDP' | 'SCTP';

/** Every protocol that policies know. */
export const PROTOCOLS: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];

/** Which way traffic goes, seen from the pod that a policy selects. */
export type Direction = 'Ingress' | 'Egress';

/** Labels of a pod or a namespace. */
export type Labels = Readonly<Record<string, string>>;

/** Picks objects by their labels; every part must hold, so one without parts picks all. */
export type LabelSelector = {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly LabelExpression[];
};

/** One requirement of a selector. */
export type LabelExpression = {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[];
};

/** The other end of allowed traffic: pods by selectors, or addresses. */
export type PolicyPeer = {
  /** Pods; in the policy's own namespace where no namespaceSelector stands beside it. */
  readonly podSelector?: LabelSelector;
  /** Namespaces; all of their pods where no podSelector stands beside it. */
  readonly namespaceSelector?: LabelSelector;
  /** A range of addresses without some ranges in it. */
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
};

/** Ports of the receiving pod. */
export type PolicyPort = {
  /** TCP where absent. */
  readonly protocol?: Protocol;
  /** A number, or the name of a container's port; every port where absent. */
  readonly port?: number | string;
  /** Last port of a range that begins at the number `port`. */
  readonly endPort?: number;
};

/** Allowed incoming traffic; without peers from everywhere, without ports to every port. */
export type IngressRule = { readonly from?: readonly PolicyPeer[]; readonly ports?: readonly PolicyPort[] };

/** Allowed outgoing traffic; without peers to everywhere, without ports to every port. */
export type EgressRule = { readonly to?: readonly PolicyPeer[]; readonly ports?: readonly PolicyPort[] };

/** A NetworkPolicy of networking.k8s.io/v1, as far as it decides on traffic. */
export type NetworkPolicy = {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly labels?: Labels };
  readonly spec: {
    readonly podSelector?: LabelSelector;
    readonly policyTypes?: readonly Direction[];
    readonly ingress?: readonly IngressRule[];
    readonly egress?: readonly EgressRule[];
  };
};
