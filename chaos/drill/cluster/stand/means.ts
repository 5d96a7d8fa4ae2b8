import type { Service } from '../../../../service/definition/index.ts';
import type { ChaosMeshFault, Experiment } from '../../../experiment.ts';
import { CHAOS_MESH } from '../faults/chaos-mesh.ts';
import { PROXIED } from '../faults/proxied.ts';
import type { ClusterFault } from '../journal/index.ts';
import type { Connection } from '../kubernetes.ts';

/** By what a cluster does the fault of an experiment; or why it does not. */
export type ClusterMeans =
  { readonly means: 'kubernetes' | 'chaosMesh'; readonly fault: ClusterFault } | { readonly skipped: string };

/** Kinds of Chaos Mesh that a cluster knows. */
export type KnownChaos = ReadonlySet<string>;

const CHAOS_KINDS: readonly ChaosMeshFault['kind'][] = [
  'PodChaos',
  'NetworkChaos',
  'HTTPChaos',
  'StressChaos',
  'TimeChaos',
  'DNSChaos',
];

/** Asks a cluster which kinds of Chaos Mesh it knows; none where it is not installed. */
export async function knownChaos({ resourceOf }: Connection): Promise<KnownChaos> {
  const known = await Promise.all(CHAOS_KINDS.map((kind) => resourceOf({ apiVersion: CHAOS_MESH, kind })));
  return new Set(known.flatMap((resource) => (resource ? [resource.kind] : [])));
}

/** What a cluster does an experiment by: what Kubernetes itself has comes first, which needs nobody's help to revert. */
export function clusterMeans({ means }: Pick<Experiment, 'means'>, service: Service, known: KnownChaos): ClusterMeans {
  const { kubernetes, chaosMesh } = means;
  const why = kubernetes?.kind === 'proxy' ? PROXIED[kubernetes.on].notHere(service) : undefined;
  if (kubernetes && why === undefined) return { means: 'kubernetes', fault: kubernetes };
  if (chaosMesh && known.has(chaosMesh.kind)) return { means: 'chaosMesh', fault: chaosMesh };
  if (why !== undefined) return { skipped: why };
  if (chaosMesh) return { skipped: `it needs ${chaosMesh.kind} of Chaos Mesh, which this cluster does not have` };
  return { skipped: 'only a laptop can do its fault' };
}
