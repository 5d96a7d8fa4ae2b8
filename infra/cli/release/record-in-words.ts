import type { ReleaseRecord } from '../../../alerts/rollback/index.ts';
import { sampleInWords } from './figures.ts';
import { lengthInWords, timeInWords } from './times.ts';

type Line = readonly [title: string, text: string | undefined];

const WIDTH = 14;

/** One record whole, a line for each thing that is known. */
export function recordInWords(record: ReleaseRecord): string {
  return [...facts(record), ...decided(record), ...restored(record), ...ended(record)]
    .filter((line): line is readonly [string, string] => line[1] !== undefined)
    .map(([title, text]) => `${title.padEnd(WIDTH)}${text}\n`)
    .join('');
}

function facts({
  id,
  hash,
  release,
  version,
  writer,
  previous,
  seenAt,
  firstReadyAt,
  safeFrom,
}: ReleaseRecord): Line[] {
  return [
    ['record', id],
    ['release', `${hash}, version ${version}, ${release.id}`],
    ['image', release.image],
    ['config', release.configuration],
    ['deployed', `${timeInWords(seenAt)} by ${writer ?? 'somebody'}`],
    ['schema', safeFrom === '0.0.0' ? undefined : `works with versions from ${safeFrom} on`],
    ['first Ready', firstReadyAt === undefined ? 'never' : timeInWords(firstReadyAt)],
    ['before', previous && `${previous.hash}, version ${previous.version}, ${previous.release.id}`],
  ];
}

function decided({ trigger, order, samples, decision }: ReleaseRecord): Line[] {
  return [
    ['alert', trigger && `${trigger.name}, stored ${timeInWords(trigger.storedAt)}`],
    ['order', order && `by ${order.name}, ${timeInWords(order.storedAt)}: ${order.reason ?? 'no reason given'}`],
    ...samples.flatMap((sample): Line[] => {
      const [release, previous] = sampleInWords(sample);
      return [
        ['sample', `${timeInWords(sample.at)} ${release ?? ''}`],
        ['', `${' '.repeat(timeInWords(sample.at).length)} ${previous ?? ''}`],
      ];
    }),
    [
      'decided',
      decision && `${timeInWords(decision.at)} ${decision.verdict.answer}, by the rule ${decision.verdict.rule}`,
    ],
    ['because', decision?.verdict.reason],
  ];
}

function restored({ restore, timings }: ReleaseRecord): Line[] {
  const took = (length: number | undefined, what: string): Line => [
    what,
    length === undefined ? undefined : lengthInWords(length),
  ];
  const target = restore && `${restore.target.hash}, version ${restore.target.version}, ${restore.target.release.id}`;
  return [
    ['gone back to', target],
    ['deadline', restore && timeInWords(restore.deadline)],
    took(timings.detection, 'detection'),
    took(timings.restore, 'restore'),
    took(timings.whole, 'both'),
  ];
}

function ended({ outcome, ending, endedAt }: ReleaseRecord): Line[] {
  return [['outcome', `${outcome}, ${timeInWords(endedAt)}: ${ending}`]];
}
