import { toBytes, type Service } from '../../service/definition/index.ts';
import { demands, sum, totalOf, volumesOf, type Amount, type Demand, type Moment } from '../demand/index.ts';

/** What environments cost: a row for each amount, its name first, then what each environment asks for. */
export function costRows(services: readonly Service[]): readonly (readonly string[])[] {
  const rows = services.map((service) => demands(service));
  const each = (cell: (demands: readonly Demand[], service: Service) => string): string[] =>
    services.map((service, index) => cell(rows[index] ?? [], service));
  return [
    ...MOMENTS.flatMap(({ moment, words }) => [
      [`pods ${words}`, ...each((all) => String(totalOf('pods', all, moment)))],
      [`processor requested ${words}`, ...each((all) => cores(all, 'cpu.requests', moment))],
      [`memory ${words}`, ...each((all) => gibibytes(totalOf('memory.requests', all, moment)))],
    ]),
    ['processor at most, at the maximum', ...each((all) => cores(all, 'cpu.limits', 'busy'))],
    ['volumes', ...each((all) => volumes(all))],
    ['quota: processor requested', ...each((_, { quota }) => inCores(Number.parseInt(quota.cpu.requests, 10)))],
    ['quota: memory', ...each((_, { quota }) => gibibytes(toBytes(quota.memory.requests)))],
  ];
}

const MOMENTS: readonly { readonly moment: Moment; readonly words: string }[] = [
  { moment: 'quiet', words: 'at the minimum of the autoscaler' },
  { moment: 'busy', words: 'at its maximum' },
  { moment: 'atOnce', words: 'when a release is withdrawn at the maximum and every job runs' },
];

function cores(all: readonly Demand[], amount: Amount, moment: Moment): string {
  return inCores(totalOf(amount, all, moment));
}

function inCores(thousandths: number): string {
  return `${(thousandths / 1000).toFixed(1)} cores`;
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

function volumes(all: readonly Demand[]): string {
  const sizes = volumesOf(all).map(toBytes);
  return `${sizes.length}, ${gibibytes(sum(sizes))}`;
}
