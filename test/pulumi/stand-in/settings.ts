import type { KubernetesObject } from '../../../infra/synth/index.ts';

/** What a test decides of a stand-in, in `settings.json` of its folder. */
export type Settings = {
  readonly config: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Whether objects are made on the cluster of KUBECONFIG. */
  readonly onCluster: boolean;
  /** Without a cluster: objects that run otherwise than they were made. */
  readonly moved?: readonly KubernetesObject[];
  /** What every operation fails with; absent: as the program says. */
  readonly failure?: string;
  /** Outputs of every stack. */
  readonly outputs?: Readonly<Record<string, unknown>>;
};
