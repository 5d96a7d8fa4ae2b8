import type { Proxied } from '../../../experiment.ts';
import type { Undo } from '../journal/index.ts';
import type { FaultContext } from './fault.ts';
import { isReady, podsOf } from './pods.ts';
import { PROXIED } from './proxied.ts';
import { requireWorkload } from './scale-away.ts';
import { waitUntil } from './wait-until.ts';

/** A start of the component, and its grace. */
const MOVED_WITHIN_MS = 90_000;

/** How the number of pods is put back where connections are moved by having pods take each other's place. */
export async function replicasUndo({ place }: FaultContext, on: Proxied): Promise<readonly Undo[]> {
  if (PROXIED[on].secret) return [];
  const { kind, name, replicas } = await requireWorkload(place, on);
  return [{ kind: 'replicas', workload: kind, name, from: 2 * replicas, to: replicas }];
}

/**
 * Has every client connect anew, and nothing fail: as many pods again are started, and then those that were there go
 * with their grace, in which they finish what they work on and close their connections.
 */
export async function moveConnections(
  { place, clock }: FaultContext,
  { on, signal }: { readonly on: Proxied; readonly signal: AbortSignal },
): Promise<void> {
  const { kind, name, replicas } = await requireWorkload(place, on);
  const before = new Set((await podsOf(place, on)).map(({ metadata }) => metadata.name));
  await place.scale(kind, name, 2 * replicas);
  const options = { clock, within: MOVED_WITHIN_MS, signal };
  await waitUntil(
    async () => {
      const added = (await podsOf(place, on)).filter((pod) => isReady(pod) && !before.has(pod.metadata.name));
      return added.length >= replicas ? true : undefined;
    },
    { ...options, what: `${replicas} more pods of ${on} are Ready` },
  );
  for (const pod of before) await place.remove('Pod', pod);
  await waitUntil(
    async () => {
      const there = await Promise.all([...before].map((pod) => place.find('Pod', pod)));
      return there.every((pod) => pod === undefined) ? true : undefined;
    },
    { ...options, what: `the pods of ${on} that clients were connected to have gone` },
  );
}
