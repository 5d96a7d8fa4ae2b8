import type { KubernetesObject } from '../../synth/index.ts';
import type { ApiReader } from '../api-reader.ts';
import type { QuarantineList } from '../quarantine.ts';

/** What is to be deployed, and where. */
export type Candidate = {
  /** Every object of the environment. */
  readonly objects: readonly KubernetesObject[];
  readonly namespace: string;
  /** As commands name it. */
  readonly environment: string;
  /** Releases that the repository itself quarantines; default: none. */
  readonly quarantined?: QuarantineList;
  readonly reader: ApiReader;
};

/** Why a deploy would fail, and what mends it. */
export type Obstacle = { readonly problem: string; readonly fix: string };

/** Something that must hold before anything is changed. */
export type Precondition = {
  readonly id: string;
  /** Whether the objects of the candidate have to have every Secret that a plan makes; default: no. */
  readonly needsPlan?: true;
  /** Every way in which it does not hold. Throws a ClusterError when that cannot be found out. */
  readonly inspect: (candidate: Candidate) => Promise<readonly Obstacle[]>;
};
