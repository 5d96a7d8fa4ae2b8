import type { PodSecurityLevel } from '../../charts/objects/pod-security.ts';
import type { Service } from '../../../service/definition/index.ts';
import type { KubernetesObject } from '../../synth/index.ts';

/** Everything that a platform can consist of; each stands after those that it needs. */
export const PART_IDS = [
  'priority-classes',
  'admission',
  'quarantine',
  'drills',
  'metrics-server',
  'monitoring',
  'envoy-gateway',
  'cert-manager',
  'cloudnative-pg',
  'chaos-mesh',
] as const;

/** What a stack's configuration calls a part; also the name of its Helm release. */
export type PartId = (typeof PART_IDS)[number];

/** A Helm chart of one version. */
export type Chart = {
  /** Its name in the repository, or the whole address of one in a registry (`oci://`). */
  readonly name: string;
  /** Absent where the name is an address. */
  readonly repository?: string;
  /** One version, never a range: the same program installs the same thing next year. */
  readonly version: string;
};

/** How certificates are asked for by ACME; the same for every issuer that the definition names. */
export type Issuer = {
  /** Directory of the authority. */
  readonly server: string;
  /** Who is told when something is wrong with the account. */
  readonly email?: string | undefined;
  /** How the authority is shown that a host is ours: solvers of cert-manager, by DNS. */
  readonly solvers: readonly object[];
};

/** What decides how a part is set up. */
export type PlatformContext = {
  /** The environments that run on the cluster. */
  readonly services: readonly Service[];
  /** `kind`: nodes are containers of this machine. */
  readonly cluster: 'existing' | 'kind';
  /** Whether a part is switched on. */
  readonly has: (part: PartId) => boolean;
  readonly issuer?: Issuer | undefined;
  /**
   * Whether there is a password for Grafana; without one it is not installed, because the chart has one that all know.
   */
  readonly grafana: boolean;
};

/** A namespace that belongs to a part. */
export type PartNamespace = {
  readonly name: (services: readonly Service[]) => string;
  /** The profile of Pod Security that its pods fit. */
  readonly level: PodSecurityLevel;
};

/** One part of the platform. */
export type Part = {
  /** What it gives to services. */
  readonly purpose: string;
  /** Whether an environment needs it, and in words when: where one does, it is on unless the stack says otherwise. */
  readonly needed: { readonly when: string; readonly by: (service: Service) => boolean };
  /** Parts whose objects or definitions it uses; they come first where they are on. */
  readonly after: readonly PartId[];
  /** The chart and how it is set up; absent for a part of plain objects. */
  readonly chart?: Chart;
  readonly values?: (context: PlatformContext) => object;
  /** Made for the part; absent: it has none, or lives in `kube-system`, which every cluster has. */
  readonly namespace?: PartNamespace;
  /** Objects of its own, made after the chart. */
  readonly objects?: (context: PlatformContext) => readonly KubernetesObject[];
};
