import { admission, allowedBy, type End, type Network } from './admission.ts';
import type { Direction, Protocol } from './objects.ts';

/** An attempt to connect. Answers belong to it: what is allowed one way needs no rule for the way back. */
export type Connection = {
  readonly from: End;
  readonly to: End;
  /** TCP by default. */
  readonly protocol?: Protocol;
  /** Port of the receiver. */
  readonly port: number;
};

/** What the policies of one end say. */
export type SideVerdict = {
  readonly allowed: boolean;
  /** Policies that allow it, or those that isolate the pod while none allows it; none where nothing isolates. */
  readonly by: readonly string[];
};

/** Whether a connection comes about: when both ends allow it. */
export type Verdict = {
  readonly allowed: boolean;
  /** What the sender's policies say. */
  readonly egress: SideVerdict;
  /** What the receiver's policies say. */
  readonly ingress: SideVerdict;
};

/**
 * Judges a connection as networking.k8s.io/v1 documents it
 * (https://kubernetes.io/docs/concepts/services-networking/network-policies/). A pure function of its arguments.
 */
export function judge(connection: Connection, network: Network): Verdict {
  const egress = side('Egress', connection, network);
  const ingress = side('Ingress', connection, network);
  return { allowed: egress.allowed && ingress.allowed, egress, ingress };
}

function side(direction: Direction, connection: Connection, network: Network): SideVerdict {
  const { from, to, protocol = 'TCP', port } = connection;
  const [own, other] = direction === 'Egress' ? [from, to] : [to, from];
  if (!('pod' in own)) return { allowed: true, by: [] };
  const found = admission(direction, own.pod, other, network);
  if (found.isolatedBy.length === 0) return { allowed: true, by: [] };
  const by = allowedBy(found, protocol, port, 'pod' in to ? to.pod : undefined);
  return by.length > 0 ? { allowed: true, by } : { allowed: false, by: found.isolatedBy };
}
