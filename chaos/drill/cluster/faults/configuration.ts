import { GATEWAY } from '../../../../alerts/rollback/release-of.ts';
import { ClusterError, type LiveObject } from '../kubernetes.ts';
import type { Place } from '../place.ts';

type Volume = {
  readonly name: string;
  readonly configMap?: { readonly name: string; readonly [field: string]: unknown };
};
type Spec = { readonly template: { readonly spec: { readonly volumes?: readonly Volume[] } } };

// While pods are being replaced the Deployment's controller reports on it all the time.
const ATTEMPTS = 8;

/**
 * Has the pods of the gateway mount one ConfigMap in the place of another; false, and nothing is changed, where they do
 * not mount that one. Throws a ClusterError when others keep writing.
 */
export async function changeConfiguration(place: Place, from: string, to: string): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const gateway = await place.require('Deployment', GATEWAY);
    const volumes = volumesOf(gateway);
    if (!volumes.some(({ configMap }) => configMap?.name === from)) return false;
    const changed = volumes.map((volume) =>
      volume.configMap?.name === from ? { ...volume, configMap: { ...volume.configMap, name: to } } : volume,
    );
    const fields = { spec: { template: { spec: { volumes: changed } } } };
    if (await place.merge('Deployment', GATEWAY, fields, gateway.metadata.resourceVersion)) return true;
  }
  throw new ClusterError(
    'failed',
    `the Deployment ${GATEWAY} is changed by others all the time; it will be tried again`,
  );
}

/** The volumes of a Deployment's pods. */
export function volumesOf({ spec }: LiveObject): readonly Volume[] {
  return (spec as Spec).template.spec.volumes ?? [];
}
