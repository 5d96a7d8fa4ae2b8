import type { LiveObject } from '../kubernetes.ts';
import type { Place } from '../place.ts';

type Owner = { readonly apiVersion: string; readonly kind: string; readonly name: string; readonly uid: string };

/** The Job that a pod belongs to; undefined where it belongs to none, or cannot be seen. */
export async function findJob(place: Place, pod: string): Promise<Owner | undefined> {
  const found = await place.find('Pod', pod).catch((): LiveObject | undefined => undefined);
  const owner = (found?.metadata.ownerReferences ?? []).find(({ kind }) => kind === 'Job');
  return owner && { apiVersion: owner.apiVersion, kind: owner.kind, name: owner.name, uid: owner.uid };
}
