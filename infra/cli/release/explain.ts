import { explainRecord, type Explanation, type ReleaseRecord } from '../../../alerts/rollback/index.ts';
import { printDocument } from '../deploy/documents.ts';
import type { Desk } from '../deploy/desk.ts';
import type { ClusterOptions } from '../deploy/options.ts';
import { EXIT } from '../errors.ts';
import { tableOf } from '../table.ts';
import { findPlace } from './place.ts';
import { requireRecord } from './require-record.ts';
import { readRecords } from './stores.ts';
import { timeInWords } from './times.ts';

/** Decides again from what a record holds, and tells each rule; ends with 1 when another answer comes of it. */
export async function explain(id: string | undefined, options: ClusterOptions, desk: Desk): Promise<number> {
  const { env, json } = options;
  const place = await findPlace(options, desk);
  const { records, problems } = await readRecords(place);
  for (const problem of problems) desk.err(`warning: ${problem}\n`);
  if (records.length === 0 && id === undefined) {
    if (json) printDocument(options, desk, { record: null, explanation: null });
    else desk.out(`nothing to explain: ${env} has no record of a release yet\n`);
    return EXIT.done;
  }
  const record = requireRecord(records, id, env);
  const explanation = explainRecord(record);
  if (json) printDocument(options, desk, { record: record.id, explanation: explanation ?? null });
  else desk.out(explanation ? inWords(record, explanation) : undecided(record));
  return explanation?.same === false ? EXIT.failed : EXIT.done;
}

function inWords({ id, release, version, decision, outcome, ending }: ReleaseRecord, explanation: Explanation): string {
  const { recorded, again, rules, same } = explanation;
  const rows = rules.map(({ id: rule, held, claim, detail }) => [rule, heldInWords(held), claim, detail]);
  return [
    `record ${id}: release ${release.id}, version ${version}, decided ${timeInWords(decision?.at)}\n\n`,
    tableOf(['RULE', 'HELD', 'IT SAYS', 'BY'], rows),
    `\nrecorded: ${recorded.answer} by ${recorded.rule}: ${recorded.reason}\n`,
    same
      ? 'decided again from the stored evidence: the same\n'
      : `decided again from the stored evidence: ${again.answer} by ${again.rule}: ${again.reason}\nTHE ANSWER DIFFERS: the record was changed, or the rules of this version are others\n`,
    `outcome: ${outcome}: ${ending}\n`,
  ].join('');
}

function undecided({ id, outcome, ending }: ReleaseRecord): string {
  return `record ${id}: there was nothing to decide\noutcome: ${outcome}: ${ending}\n`;
}

function heldInWords(held: boolean | undefined): string {
  if (held === undefined) return 'not asked';
  return held ? 'yes' : 'no';
}
