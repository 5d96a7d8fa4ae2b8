import { k8s } from 'cdk8s-plus-28';
import { STORES } from '../../../alerts/rollback/state.ts';
import { sharedLabels, type Identity } from '../objects/labels.ts';
import type { Layer } from '../objects/layer.ts';
import { RETAINED } from '../objects/retained.ts';

/**
 * What the guard keeps, empty: it is there before the guard, which then needs no right to make any. Nobody who applies
 * these objects says a word of what is in them, so nobody takes it back; and they stay when there is no guard any more,
 * since a release that is quarantined is so for whoever deploys it.
 */
export function addRecords(layer: Layer, identity: Identity): void {
  const metadata = (name: string): k8s.ObjectMeta => ({
    name,
    labels: { ...sharedLabels(identity), 'app.kubernetes.io/component': 'guard' },
    annotations: { ...RETAINED },
  });
  for (const name of [STORES.guard, STORES.quarantine, STORES.releases])
    new k8s.KubeConfigMap(layer, name, { metadata: metadata(name) });
  new k8s.KubeLease(layer, 'lease', { metadata: metadata(STORES.lease) });
}
