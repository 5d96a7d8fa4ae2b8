import { startClusterApi } from '../../../support/cluster-api/cluster-api.ts';
import { GONE_IMAGE } from '../../../support/cluster-api/controllers.ts';
import type { Place } from './place.ts';

/** A place in a cluster that runs no pods. */
export async function fakePlace(): Promise<Place> {
  const { config, namespace, close } = await startClusterApi();
  return { config, guard: config, namespace, images: { good: 'shop:1.4.0', gone: GONE_IMAGE }, close };
}
