import type { LiveObject, ManagedFields } from './live-object.ts';

/** Who set a field, and when. */
export type Manager = { readonly name: string; readonly time?: string };

type Fields = Readonly<Record<string, unknown>>;

/** The last of some entries; undefined where there is none. */
export function latestManager(entries: readonly ManagedFields[]): Manager | undefined {
  const [entry] = entries.toSorted((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1));
  if (!entry) return undefined;
  return { name: entry.manager ?? 'unknown', ...(entry.time !== undefined && { time: entry.time }) };
}

/** Who wrote the template of a workload last, or a part of it; undefined when the server does not say. */
export function templateWriter(workload: LiveObject): Manager | undefined {
  return latestManager(templateEntries(workload));
}

/** Everybody who has set a part of the template of a workload that is still as they set it. */
export function templateEntries({ metadata }: LiveObject): readonly ManagedFields[] {
  return (metadata.managedFields ?? []).filter(
    ({ fieldsV1 = {}, subresource }) =>
      subresource === undefined && (fieldsV1['f:spec'] as Fields | undefined)?.['f:template'] !== undefined,
  );
}
