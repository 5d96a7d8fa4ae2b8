import type { SampleLabels } from './recording.ts';

/** What has the same labels, by its place among all. */
export type Group = { readonly labels: SampleLabels; readonly members: readonly number[] };

/** A group of buckets in the order of their edges. */
export type BucketGroup = Group & { readonly edges: readonly number[] };

/** Groups of those that get the same labels, in the order of their first members. */
export function groupedBy(
  all: readonly SampleLabels[],
  labelsOf: (labels: SampleLabels) => SampleLabels,
): readonly (Group & { readonly all: readonly SampleLabels[] })[] {
  const groups = new Map<string, { readonly labels: SampleLabels; readonly members: number[] }>();
  for (const [index, each] of all.entries()) {
    const labels = labelsOf(each);
    const key = keyOf(labels);
    const group = groups.get(key) ?? { labels, members: [] };
    groups.set(key, group);
    group.members.push(index);
  }
  return [...groups.values()].map((group) => ({ ...group, all }));
}

/** The members of a group by the edges that their label `le` names. */
export function bucketsOf({ labels, members, all }: Group & { readonly all: readonly SampleLabels[] }): BucketGroup {
  const edgeOf = (index: number): number => {
    const { le = '' } = all[index] ?? {};
    return le === '+Inf' ? Infinity : Number(le);
  };
  const sorted = [...members].sort((a, b) => edgeOf(a) - edgeOf(b));
  return { labels, members: sorted, edges: sorted.map(edgeOf) };
}

/**
 * The value that a share of what the buckets have counted does not exceed: linear inside a bucket, and the last edge
 * where the share lies above it, as in Prometheus' `histogram_quantile`.
 */
export function quantileOf(share: number, edges: readonly number[], counts: readonly (number | undefined)[]): number {
  const rank = share * (counts.at(-1) ?? 0);
  const index = counts.findIndex((count) => (count ?? 0) >= rank);
  const [edge, count] = [edges[index], counts[index]];
  if (edge === undefined || count === undefined || rank === 0) return NaN;
  if (edge === Infinity) return edges[index - 1] ?? NaN;
  const [from, least] = [edges[index - 1] ?? 0, counts[index - 1] ?? 0];
  return from + ((edge - from) * (rank - least)) / (count - least);
}

/** The labels of these names, of those that there are. */
export function picked(labels: SampleLabels, names: readonly string[]): SampleLabels {
  return Object.fromEntries(
    names.flatMap((name) => (labels[name] === undefined ? [] : [[name, labels[name]] as const])),
  );
}

/** The same text for the same labels. */
export function keyOf(labels: SampleLabels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
