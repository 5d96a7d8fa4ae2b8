import { STORES } from '../../../alerts/rollback/state.ts';
import type { Quarantine } from '../../../alerts/rollback/quarantine.ts';
import { quarantinesOf } from '../../cluster/quarantine.ts';
import { QuarantineFileError, quarantineFile, readQuarantines, writeQuarantineFile } from '../../quarantine-file.ts';
import { plain } from '../../plain.ts';
import { printDocument } from '../deploy/documents.ts';
import type { Desk } from '../deploy/desk.ts';
import type { ClusterOptions } from '../deploy/options.ts';
import { EXIT, UsageError } from '../errors.ts';
import { change, requireConfigMap } from './change.ts';
import { findPlace, type Place } from './place.ts';
import { quarantineTable, statedQuarantines } from './quarantine-list.ts';
import { requireReleaseId } from './release-id.ts';
import { timeInWords } from './times.ts';

/** What `sluice release quarantine` is given. */
export type QuarantineOptions = ClusterOptions & {
  readonly reason?: string;
  /** Where the list is written to; true: to the environment's own file. */
  readonly export?: string | true;
};

/** Lists the quarantined releases, puts one there, or writes the list to a file. Throws a UsageError. */
export async function quarantine(given: string | undefined, options: QuarantineOptions, desk: Desk): Promise<number> {
  const { env, json, reason } = options;
  if ((given === undefined) !== (reason === undefined)) {
    throw new UsageError(given === undefined ? '--reason says why, and no release is named' : 'say why, by --reason');
  }
  const place = await findPlace(options, desk);
  if (given !== undefined && reason !== undefined) await add(place, given, reason, desk);
  const { data } = await requireConfigMap(place, STORES.quarantine);
  const list = quarantinesOf(data);
  const count = Object.keys(list).length;
  const file = options.export === true ? quarantineFile(env) : options.export;
  if (file !== undefined) {
    const gone = idsOf(file).filter((id) => !(id in list));
    writeQuarantineFile(file, list);
    desk.err(`${file} lists ${count} release${count === 1 ? '' : 's'}; it may be committed\n`);
    if (gone.length > 0) desk.err(`note: it no longer lists ${gone.join(', ')}: the cluster does not\n`);
  }
  if (json) printDocument(options, desk, { quarantined: statedQuarantines(list), ...(file && { file }) });
  else desk.out(count === 0 ? `${env} has no quarantined release\n` : quarantineTable(list));
  return EXIT.done;
}

/** What a file lists that is about to be written; none where it is not there, or is no list and is to be mended by this. */
function idsOf(file: string): readonly string[] {
  try {
    return Object.keys(readQuarantines(file)).map(plain).sort();
  } catch (error) {
    if (error instanceof QuarantineFileError) return [];
    throw error;
  }
}

async function add(place: Place, given: string, reason: string, desk: Desk): Promise<void> {
  const id = await requireReleaseId(place, given, desk);
  const at = timeInWords(Date.now());
  const entry: Quarantine = { reason, at, by: place.by };
  const changed = await change(place, STORES.quarantine, (data) =>
    data[id] === undefined ? { [id]: JSON.stringify(entry) } : undefined,
  );
  desk.err(changed ? `release ${id} is quarantined\n` : `nothing to do: release ${id} is quarantined already\n`);
}
