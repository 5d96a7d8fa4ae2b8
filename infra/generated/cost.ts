import { toBytes, type Service } from '../../service/definition/index.ts';
import { demands, sum, totalOf, volumesOf, type Demand, type Moment } from '../demand/index.ts';

/** What environments cost: a row for each moment, in words first, then what each environment asks for. */
export function costRows(services: readonly Service[]): readonly (readonly string[])[] {
  const rows = services.map((service) => ({ service, all: demands(service) }));
  return [
    ...MOMENTS.map(([words, moment]) => [words, ...rows.map(({ all }) => requests(all, moment))]),
    ['volumes', ...rows.map(({ all }) => volumes(all))],
    ['granted by its quota', ...rows.map(({ service }) => granted(service))],
  ];
}

const MOMENTS: readonly (readonly [words: string, moment: Moment])[] = [
  ['quiet: the autoscaler at its minimum', 'quiet'],
  ['busy: at its maximum', 'busy'],
  ['most: a release withdrawn at the maximum, every job at work', 'atOnce'],
];

function requests(all: readonly Demand[], moment: Moment): string {
  return cell(
    totalOf('pods', all, moment),
    totalOf('cpu.requests', all, moment),
    totalOf('memory.requests', all, moment),
  );
}

function granted({ quota }: Service): string {
  return cell(quota.pods, Number.parseInt(quota.cpu.requests, 10), toBytes(quota.memory.requests));
}

function cell(pods: number, thousandths: number, memory: number): string {
  return `${pods} pods, ${(thousandths / 1000).toFixed(1)} cores, ${gibibytes(memory)}`;
}

function volumes(all: readonly Demand[]): string {
  const sizes = volumesOf(all).map(toBytes);
  return `${sizes.length}, ${gibibytes(sum(sizes))}`;
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
