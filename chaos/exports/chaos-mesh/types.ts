/** Pods of one namespace by their labels; what is empty here would be every pod of the cluster. */
export type PodSelector = {
  readonly namespaces: readonly [string];
  readonly labelSelectors: Readonly<Record<string, string>>;
};

/** Which of the pods that a selector finds: one at random, or all. */
export type Chosen = { readonly mode: 'one' | 'all'; readonly selector: PodSelector };

/** Specs of Chaos Mesh 2.8, by kind; of each the fields that experiments use, under the names that it gives them. */
export type ChaosSpecs = {
  readonly PodChaos: Chosen & { readonly action: 'pod-kill' | 'pod-failure' };
  readonly NetworkChaos: Chosen & {
    readonly action: 'delay' | 'loss' | 'partition';
    readonly direction: 'to' | 'both';
    readonly target: Chosen;
    readonly delay?: { readonly latency: string };
    /** Percent, as text without its sign. */
    readonly loss?: { readonly loss: string; readonly correlation: string };
  };
  readonly HTTPChaos: Chosen & {
    readonly target: 'Response';
    readonly port: number;
    /** A `code` beside it would not change answers: it picks those that already have it. */
    readonly replace: { readonly code: number };
  };
  readonly StressChaos: Chosen & {
    readonly stressors: {
      /** `load`: percent of a core, for each worker. */
      readonly cpu?: { readonly workers: number; readonly load: number };
      readonly memory?: { readonly workers: number; readonly size: string };
    };
  };
  readonly TimeChaos: Chosen & { readonly timeOffset: string };
  readonly DNSChaos: Chosen & { readonly action: 'error'; readonly patterns: readonly string[] };
};

/** What Chaos Mesh calls a fault. */
export type ChaosKind = keyof ChaosSpecs;

/** A fault: its kind with its spec. */
export type Chaos = { [Kind in ChaosKind]: { readonly kind: Kind; readonly spec: ChaosSpecs[Kind] } }[ChaosKind];

/** The field of a workflow's template that holds the spec of a kind. */
export const TEMPLATE_FIELDS = {
  PodChaos: 'podChaos',
  NetworkChaos: 'networkChaos',
  HTTPChaos: 'httpChaos',
  StressChaos: 'stressChaos',
  TimeChaos: 'timeChaos',
  DNSChaos: 'dnsChaos',
} as const satisfies Readonly<Record<ChaosKind, string>>;

/** Asks a URL, again and again, until it is known how it is. */
export type StatusCheck = {
  /** `Synchronous` ends at the first verdict, `Continuous` at the first failure or the template's deadline. */
  readonly mode: 'Synchronous' | 'Continuous';
  readonly type: 'HTTP';
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  /** Failures in a row that make it one. */
  readonly failureThreshold: number;
  /** Successes in a row that make it one; of `Synchronous` alone. */
  readonly successThreshold?: number;
  readonly http: { readonly url: string; readonly criteria: { readonly statusCode: string } };
};

/** A step of a workflow; it lasts until its deadline at the longest. */
export type Template = { readonly name: string; readonly deadline: string } & (
  | { readonly templateType: 'Serial' | 'Parallel'; readonly children: readonly string[] }
  | {
      readonly templateType: 'StatusCheck';
      readonly abortWithStatusCheck: true;
      readonly statusCheck: StatusCheck;
    }
  // A duration inside the spec is refused: the deadline beside it ends the fault.
  | ({ readonly templateType: ChaosKind } & Readonly<Record<string, unknown>>)
);

/** Steps, and the one that begins. */
export type WorkflowSpec = { readonly entry: string; readonly templates: readonly Template[] };

/** Who made an object, and takes it along when it goes. */
export type OwnerReference = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
};

/** An object of Chaos Mesh. */
export type ChaosMeshObject = {
  readonly apiVersion: 'chaos-mesh.org/v1alpha1';
  readonly kind: ChaosKind | 'Schedule';
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly OwnerReference[];
  };
  readonly spec: Readonly<Record<string, unknown>>;
};
