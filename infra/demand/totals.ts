import { toBytes, type Bytes } from '../../service/definition/index.ts';
import { LOCAL_DISK } from './containers.ts';
import type { Demand } from './demands.ts';

/** When a demand is looked at. */
export type Moment = keyof Demand['pods'];

/** What a quota counts of pods: processor in thousandths of a core, memory and disk in bytes. */
export type Amount =
  | 'cpu.requests'
  | 'cpu.limits'
  | 'memory.requests'
  | 'memory.limits'
  | 'ephemeralStorage.requests'
  | 'ephemeralStorage.limits'
  | 'pods';

/** What a pod of a demand adds to each amount. */
export const PER_POD: Readonly<Record<Amount, (demand: Demand) => number>> = {
  'cpu.requests': ({ containers }) => sum(containers.map(({ cpu }) => cpu.request)),
  'cpu.limits': ({ containers }) => sum(containers.map(({ cpu }) => cpu.limit)),
  'memory.requests': memoryOf,
  'memory.limits': memoryOf,
  'ephemeralStorage.requests': ({ containers }) => containers.length * toBytes(LOCAL_DISK.request),
  'ephemeralStorage.limits': ({ containers }) => containers.length * toBytes(LOCAL_DISK.limit),
  pods: () => 1,
};

/** One amount over all pods of some demands. */
export function totalOf(amount: Amount, demands: readonly Demand[], moment: Moment): number {
  return sum(demands.map((demand) => demand.pods[moment] * PER_POD[amount](demand)));
}

/** The size of every volume. */
export function volumesOf(demands: readonly Demand[]): readonly Bytes[] {
  return demands.flatMap(({ volumes }) => volumes);
}

/** Numbers added up. */
export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function memoryOf({ containers }: Demand): number {
  return sum(containers.map(({ memory }) => toBytes(memory)));
}
