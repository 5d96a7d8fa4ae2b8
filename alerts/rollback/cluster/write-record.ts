import type { ReleaseRecord } from '../record.ts';
import { STORES } from '../state.ts';
import type { ActContext } from './act-context.ts';
import { requireChange, type Entries } from './config-map.ts';

/** Records that are kept. */
export const MAX_RECORDS = 30;
/** Bytes of all records together; a ConfigMap holds 1 MiB with all that is beside them. */
export const MAX_RECORD_BYTES = 900 * 1024;

/** Writes a record under its id; the oldest ones go where there are too many or they are too large. Throws a ClusterError. */
export async function writeRecord({ connection, paths }: ActContext, record: ReleaseRecord): Promise<void> {
  const text = JSON.stringify(record);
  await requireChange(connection, paths, STORES.releases, (entries) => {
    if (entries[record.id] === text) return undefined;
    const gone = surplus({ ...entries, [record.id]: text }, record.id);
    return { ...Object.fromEntries(gone.map((id) => [id, null])), [record.id]: text };
  });
}

/** Ids of records that have no place beside the newest. */
function surplus(entries: Entries, newest: string): readonly string[] {
  const others = Object.entries(entries)
    .filter(([id]) => id !== newest)
    .map(([id, text = '']) => ({ id, bytes: bytesOf(id, text), endedAt: endOf(text) }))
    .toSorted((a, b) => b.endedAt - a.endedAt);
  let left = MAX_RECORD_BYTES - bytesOf(newest, entries[newest] ?? '');
  return others.flatMap(({ id, bytes }, index) => {
    left -= bytes;
    return index + 1 >= MAX_RECORDS || left < 0 ? [id] : [];
  });
}

function bytesOf(id: string, text: string): number {
  return Buffer.byteLength(id) + Buffer.byteLength(text);
}

/** What nobody can read goes first. */
function endOf(text: string): number {
  try {
    const { endedAt } = JSON.parse(text) as Partial<ReleaseRecord>;
    return typeof endedAt === 'number' ? endedAt : 0;
  } catch {
    return 0;
  }
}
