/** A pair of image and configuration, as a gateway Deployment names it. */
export type Release = {
  /** What a person calls it, and its key in the record: the start of the digest (or the tag), and the configuration's hash. */
  readonly id: string;
  readonly image: string;
  readonly configuration: string;
};

/** A release as one ReplicaSet of the gateway runs it. */
export type Revision = {
  /** The ReplicaSet's `pod-template-hash`: what names it for good. Numbers of revisions change with every rollback. */
  readonly hash: string;
  readonly release: Release;
  /** Of the program, by the label `app.kubernetes.io/version` of its pods. */
  readonly version: string;
  /** The oldest version that works with the schema that this release has made; `0.0.0`: any. */
  readonly safeFrom: string;
};
