import type { Component } from '../objects/labels.ts';
import type { Host } from './place.ts';

/** Who is at the other end of a flow when it is not a program of this environment. */
export type Outsider =
  /** Any client, from anywhere. */
  | 'anyone'
  /** Prometheus of the cluster's operator, in whichever namespace it runs. */
  | 'cluster-prometheus'
  /** Its Alertmanager, the same. */
  | 'cluster-alertmanager'
  /** A host that the definition names: an alert receiver, an upstream of somebody else's. */
  | Host
  /** A host that only a Secret names. */
  | 'outside';

/** Traffic that is allowed; whatever no flow names is denied. */
export type Flow = {
  readonly from: Component | Outsider;
  readonly to: Component | Outsider;
  /** TCP ports of the receiving pod. */
  readonly ports: readonly number[];
};
