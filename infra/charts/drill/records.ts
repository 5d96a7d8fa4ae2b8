import { k8s } from 'cdk8s-plus-28';
import { DRILL } from '../../../chaos/drill/cluster/names.ts';
import { sharedLabels, type Identity } from '../objects/labels.ts';
import type { Layer } from '../objects/layer.ts';
import { RETAINED } from '../objects/retained.ts';

/**
 * The journal of drills and the Lease of who acts by it, empty: they are there before both programs, which then need no
 * right to make them. Nobody who applies these objects says a word of what is in them, so nobody takes it back; and the
 * journal stays when drills are switched off, since it alone says how a fault is put back.
 */
export function addRecords(layer: Layer, identity: Identity): void {
  const metadata = (name: string): k8s.ObjectMeta => ({
    name,
    labels: { ...sharedLabels(identity), 'app.kubernetes.io/component': DRILL.keeper },
    annotations: { ...RETAINED },
  });
  new k8s.KubeConfigMap(layer, 'journal', { metadata: metadata(DRILL.journal) });
  new k8s.KubeLease(layer, 'lease', { metadata: metadata(DRILL.lease) });
}
