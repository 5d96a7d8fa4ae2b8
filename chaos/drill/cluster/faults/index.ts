import type { ClusterFault } from '../journal/index.ts';
import { badRelease } from './bad-release.ts';
import { chaosMesh } from './chaos-mesh.ts';
import { evictPods } from './evict-pods.ts';
import type { FaultContext, FaultKind, Plan, Wanted } from './fault.ts';
import { killPod } from './kill-pod.ts';
import { proxy } from './proxy.ts';
import { scaleAway } from './scale-away.ts';

export type { FaultContext, Plan, Wanted } from './fault.ts';
export { putBack } from './put-back.ts';
export { proxyControl, type ProxyControl } from './proxy-control.ts';

type Kinds = { readonly [Kind in ClusterFault['kind']]: FaultKind<Extract<ClusterFault, { readonly kind: Kind }>> };

/** Every fault that can be made in a cluster. */
export const FAULTS = {
  'kill-pod': killPod,
  'evict-pods': evictPods,
  proxy,
  'scale-away': scaleAway,
  'bad-release': badRelease,
  PodChaos: chaosMesh,
  NetworkChaos: chaosMesh,
  HTTPChaos: chaosMesh,
  StressChaos: chaosMesh,
  TimeChaos: chaosMesh,
  DNSChaos: chaosMesh,
} as const satisfies Kinds;

/** The kind of a fault. */
export function kindOf(fault: ClusterFault): FaultKind<ClusterFault> {
  return FAULTS[fault.kind] as unknown as FaultKind<ClusterFault>;
}

/** Reads what there is and says how a fault is made and put back. Rejects with a sentence where it cannot be made. */
export function planOf(context: FaultContext, wanted: Wanted): Promise<Plan> {
  return kindOf(wanted.fault).plan(context, wanted);
}
