import type { KubernetesObject } from '../../synth/index.ts';
import type { LiveObject } from '../api-reader.ts';
import type { Candidate, Obstacle } from './precondition.ts';

const STORAGE_CLASS = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' };
const IS_DEFAULT = 'storageclass.kubernetes.io/is-default-class';

/** A claim of storage; without a class the cluster's default one is meant. */
type Claim = { readonly of: string; readonly storageClass: string | undefined };

/** Every class that a volume is claimed of exists, or a default one where none is named. */
export async function storage({ objects, reader }: Candidate): Promise<readonly Obstacle[]> {
  const claims = objects.flatMap(claimsOf);
  if (claims.length === 0) return [];
  const known = (await reader.list(STORAGE_CLASS, undefined)) ?? [];
  const names = known.map(({ metadata }) => metadata.name);
  const missing = claims.filter(({ storageClass }) =>
    storageClass === undefined ? !known.some(isDefault) : storageClass !== '' && !names.includes(storageClass),
  );
  return [...Map.groupBy(missing, ({ storageClass }) => storageClass)].map(([storageClass, group]) => ({
    problem: `${group.map((claim) => claim.of).join(', ')} need ${
      storageClass === undefined ? 'a default storage class' : `the storage class '${storageClass}'`
    }, and the cluster has ${names.length === 0 ? 'no storage class' : `only ${names.join(', ')}`}`,
    fix:
      storageClass === undefined && names.length > 0
        ? `make one the default: kubectl annotate storageclass ${names[0] ?? ''} ${IS_DEFAULT}=true`
        : 'install a storage provisioner, or let others run the stores',
  }));
}

function isDefault({ metadata }: LiveObject): boolean {
  return metadata.annotations?.[IS_DEFAULT] === 'true';
}

type ClaimSpec = { readonly storageClassName?: string; readonly storageClass?: string };

function claimsOf({ kind, metadata, spec }: KubernetesObject): readonly Claim[] {
  const of = `${kind} ${metadata.name}`;
  if (kind === 'PersistentVolumeClaim') return [{ of, storageClass: (spec as ClaimSpec).storageClassName }];
  if (kind === 'StatefulSet') {
    const { volumeClaimTemplates = [] } = spec as { volumeClaimTemplates?: readonly { spec: ClaimSpec }[] };
    return volumeClaimTemplates.map((template) => ({ of, storageClass: template.spec.storageClassName }));
  }
  // CloudNativePG claims the volumes of its pods itself.
  if (kind === 'Cluster') {
    const { storage: claim } = spec as { storage?: ClaimSpec };
    return claim ? [{ of, storageClass: claim.storageClass }] : [];
  }
  return [];
}
