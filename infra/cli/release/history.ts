import type { ReleaseRecord } from '../../../alerts/rollback/index.ts';
import { printDocument } from '../deploy/documents.ts';
import type { Desk } from '../deploy/desk.ts';
import type { ClusterOptions } from '../deploy/options.ts';
import { EXIT } from '../errors.ts';
import { tableOf } from '../table.ts';
import { findPlace } from './place.ts';
import { recordInWords } from './record-in-words.ts';
import { requireRecord } from './require-record.ts';
import { readRecords } from './stores.ts';
import { timeInWords } from './times.ts';

/** Lists what became of each release, the newest first, or tells one record whole. */
export async function history(id: string | undefined, options: ClusterOptions, desk: Desk): Promise<number> {
  const { env, json } = options;
  const place = await findPlace(options, desk);
  const { records, problems } = await readRecords(place);
  for (const problem of problems) desk.err(`warning: ${problem}\n`);
  if (id !== undefined) {
    const record = requireRecord(records, id, env);
    if (json) printDocument(options, desk, { record });
    else desk.out(recordInWords(record));
    return EXIT.done;
  }
  if (json) printDocument(options, desk, { records, problems });
  else if (records.length === 0) desk.out(`${env} has no record of a release yet\n`);
  else desk.out(historyTable(records));
  return EXIT.done;
}

function historyTable(records: readonly ReleaseRecord[]): string {
  const head = ['RECORD', 'ENDED', 'RELEASE', 'VERSION', 'OUTCOME', 'RULE', 'DETECTED IN', 'RESTORED IN'];
  return tableOf(head, records.map(rowOf));
}

function rowOf({ id, endedAt, release, version, outcome, decision, timings }: ReleaseRecord): readonly string[] {
  const seconds = (length: number | undefined): string =>
    length === undefined ? '-' : `${(length / 1000).toFixed(1)} s`;
  return [
    id,
    timeInWords(endedAt),
    release.id,
    version,
    outcome,
    decision?.verdict.rule ?? '-',
    seconds(timings.detection),
    seconds(timings.restore),
  ];
}
