import type { Revision } from './release.ts';

/** One ReplicaSet of the gateway, and how its pods are. */
export type RunningRevision = Revision & {
  /** Pods that it wants. */
  readonly wanted: number;
  /** Pods that take requests. */
  readonly ready: number;
  /** Why a pod of it will not start however long one waits, such as an image that is gone; absent: nothing is known. */
  readonly trouble?: string;
};

/** What a rollout keeps to: pods above the wanted number, and how long each must have been Ready. */
export type Pace = { readonly surge: number; readonly minReadySeconds: number };

/** A pod that the guard keeps beside those of the Deployment. */
export type Companion = {
  /** The revision of the gateway that it runs. */
  readonly of: string;
  /** Its own `pod-template-hash`, under which it is measured; absent: its ReplicaSet is not made yet. */
  readonly hash?: string;
  readonly ready: number;
  /** Until when it is kept, in milliseconds since 1970; absent: as long as it is wanted. */
  readonly until?: number;
};

/** What the guard saw of a namespace in one reading. */
export type Facts = {
  /** The guard's own clock, in milliseconds since 1970. No time of another machine is compared with it. */
  readonly now: number;
  /** Absent: there is no gateway. */
  readonly gateway?: {
    /** Of the template that is wanted now; absent: its ReplicaSet is not made yet. */
    readonly hash?: string;
    readonly paused: boolean;
    readonly replicas: number;
    readonly pace: Pace;
    /** Whether every pod is of the wanted template, and there are as many as wanted. */
    readonly isComplete: boolean;
    /** Who wrote its template last, as the API server knows: the name of a field manager. */
    readonly writer?: string;
  };
  /** Every ReplicaSet of the gateway, also those without pods; the newest first. */
  readonly revisions: readonly RunningRevision[];
  readonly baseline?: Companion;
  readonly withdrawn?: Companion;
  /** Ids of the quarantined releases. */
  readonly quarantined: readonly string[];
  /** More pods of the gateway that the quotas admit; absent: no quota says. */
  readonly room?: number;
  /** Hashes of revisions whose configuration is gone. */
  readonly withoutConfiguration: readonly string[];
};
