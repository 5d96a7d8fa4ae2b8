import type { KubernetesObject } from '../synth/index.ts';

const MANAGED_BY = 'app.kubernetes.io/managed-by';
const PART_OF = 'app.kubernetes.io/part-of';

type Labelled = Pick<KubernetesObject, 'metadata'>;

/** Whom the recommended labels name: what an object belongs to and what manages it; undefined where they name nobody. */
export function ownerOf({ metadata: { labels = {} } }: Labelled): string | undefined {
  const [part, manager] = [labels[PART_OF], labels[MANAGED_BY]];
  if (part === undefined && manager === undefined) return undefined;
  if (part === undefined || manager === undefined) return part ?? manager;
  return `${part} (managed by ${manager})`;
}

/** Whether two objects belong to the same. */
export function sameOwner(one: Labelled, other: Labelled): boolean {
  return ownerOf(one) === ownerOf(other);
}
