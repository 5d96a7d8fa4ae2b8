/** How urgently a pod is placed, and what goes first when a node has too little for all. */
export type PriorityClassRow = {
  /** Name of the PriorityClass; it is one object for the whole cluster, shared by every copy. */
  readonly name: string;
  /** Higher is placed sooner and taken last. Pods without a class have 0, those of Kubernetes itself two billion. */
  readonly value: number;
  readonly description: string;
};

/**
 * The priority classes of the pods of a service, by what a pod is. The platform program makes them, once per cluster;
 * a pod that names one which is not there is refused by the API server.
 */
export const PRIORITY_CLASSES = {
  // Above the gateway: one store serves every gateway, and without it none of them answers.
  datastore: {
    name: 'sluice-datastore',
    value: 1_000_200,
    description: 'Redis and Postgres of a Sluice service: every gateway of it depends on them.',
  },
  gateway: {
    name: 'sluice-gateway',
    value: 1_000_100,
    description: 'Gateways of a Sluice service and what they call: they answer requests.',
  },
  // Below the gateway, above what has no class: who watches must not push out what is watched, nor go first.
  monitoring: {
    name: 'sluice-monitoring',
    value: 1_000_000,
    description: 'Prometheus, Alertmanager and exporters of a Sluice service: they see, and tell, when the rest fails.',
  },
} as const satisfies Readonly<Record<string, PriorityClassRow>>;

/** What a pod is, as far as its priority goes. */
export type PriorityLevel = keyof typeof PRIORITY_CLASSES;
