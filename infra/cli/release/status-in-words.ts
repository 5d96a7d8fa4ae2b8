import { styleText } from 'node:util';
import { toMilliseconds } from '../../../service/definition/index.ts';
import { tableOf } from '../table.ts';
import { sampleInWords } from './figures.ts';
import { quarantineTable } from './quarantine-list.ts';
import type { Companion } from './running.ts';
import type { Status } from './read-status.ts';
import { lengthInWords, timeInWords } from './times.ts';

type Line = readonly [title: string, text: string | undefined];

const WIDTH = 13;

/** A status for a person: what is wrong with the guard first. */
export function statusInWords(status: Status): string {
  const lines = [...leading(status), ...released(status), ...kept(status)]
    .filter((line): line is readonly [string, string] => line[1] !== undefined)
    .map(([title, text]) => `${title.padEnd(WIDTH)}${text}\n`);
  const all = [...findingLines(status), ...lines, ...provenLines(status), ...quarantineLines(status)];
  return all.join('');
}

function findingLines({ findings }: Status): readonly string[] {
  return findings.map(({ isBlind, text }) => {
    const word = isBlind ? 'BLIND' : 'note';
    return `${styleText(isBlind ? 'red' : 'yellow', `${word}: ${text}`, { stream: process.stdout })}\n`;
  });
}

function leading({ place, leader, stores, now }: Status): Line[] {
  const { signs, state } = stores;
  const age = (at: number): string => (at === 0 ? 'never' : `${lengthInWords(now - at)} ago`);
  return [
    ['environment', `${place.env}, in the namespace ${place.namespace}`],
    ['guard', leader.leads ? `led by ${leader.holder ?? 'somebody'}` : undefined],
    ['heard of', signs && `the Watchdog ${age(signs.watchdog)}, Prometheus ${age(signs.prometheus)}`],
    ['phase', state?.phase],
  ];
}

function released({ place, now, stores, running }: Status): Line[] {
  const { watch } = stores.state ?? {};
  const { gateway } = running;
  const pods: Line = [
    'gateway',
    gateway &&
      `${gateway.ready} of ${gateway.wanted} pods Ready, wanted is ${gateway.hash ?? 'a template without a ReplicaSet'}${gateway.isPaused ? ', PAUSED' : ''}`,
  ];
  if (!watch) return [pods];
  const { firstReadyAt, outcome, ending, previous, verdict, restore, order, trigger } = watch;
  const left =
    firstReadyAt === undefined ? undefined : firstReadyAt + toMilliseconds(place.service.release.watch) - now;
  const sample = watch.samples.at(-1) ?? watch.evidence?.sample;
  return [
    pods,
    ['release', `${watch.hash}, version ${watch.version}, ${watch.release.id}`],
    ['image', watch.release.image],
    ['config', watch.release.configuration],
    ['since', `${timeInWords(watch.seenAt)}, by ${watch.writer ?? 'somebody'}`],
    ['window', outcome === undefined ? windowInWords(left) : undefined],
    ['before', previous && `${previous.hash}, version ${previous.version}, ${previous.release.id}`],
    ['alert', trigger && `${trigger.name}, stored ${timeInWords(trigger.storedAt)}`],
    ['order', order && `by ${order.name}, ${timeInWords(order.storedAt)}: ${order.reason ?? 'no reason given'}`],
    ...(sample ? sampleInWords(sample).map((line, index): Line => [index === 0 ? 'figures' : '', line]) : []),
    ['decision', verdict && `${verdict.answer}, by the rule ${verdict.rule}: ${verdict.reason}`],
    [
      'going back',
      restore && `to ${restore.target.hash}, version ${restore.target.version}, until ${timeInWords(restore.deadline)}`,
    ],
    ['outcome', outcome && `${outcome}, ${timeInWords(watch.endedAt)}: ${ending ?? ''}`],
  ];
}

function windowInWords(left: number | undefined): string {
  if (left === undefined) return 'begins with the first Ready pod';
  return left > 0 ? `${lengthInWords(left)} left` : 'over';
}

function kept({ running: { baseline, withdrawn } }: Status): Line[] {
  const told = (companion: Companion | undefined): string | undefined =>
    companion &&
    `of ${companion.of}, ${companion.ready} Ready${companion.until === undefined ? '' : `, until ${companion.until}`}`;
  return [
    ['baseline', told(baseline)],
    ['withdrawn', told(withdrawn)],
  ];
}

function provenLines({ proven }: Status): readonly string[] {
  if (proven.length === 0) return ['\nno release is proven good yet: there is none to go back to\n'];
  const rows = proven.map(({ hash, version, release, at, obstacle }) => [
    hash,
    version,
    release.id,
    timeInWords(at),
    obstacle === undefined ? 'yes' : `no: ${obstacle}`,
  ]);
  return ['\n', tableOf(['PROVEN GOOD', 'VERSION', 'RELEASE', 'SINCE', 'CAN BE GONE BACK TO'], rows)];
}

function quarantineLines({ stores: { quarantined } }: Status): readonly string[] {
  return Object.keys(quarantined).length === 0 ? [] : ['\n', quarantineTable(quarantined)];
}
