import { toBytes, toMebibytes, type Service } from '../../../service/definition/index.ts';
import { BY_HAND, demands, PER_POD, sum, totalOf, volumesOf, type Amount, type Demand } from '../../demand/index.ts';
import { podsThatOverlap, withdrawnText } from '../../pods.ts';
import type { Comparison } from '../finding.ts';

type Row = {
  readonly amount: Amount;
  /** How the amount is told and granted; a definition has no smaller unit. */
  readonly unit: 'm' | 'Mi' | '';
  readonly granted: (quota: Service['quota']) => number;
};

const MEBIBYTE = 2 ** 20;

const ROWS: readonly Row[] = [
  { amount: 'cpu.requests', unit: 'm', granted: ({ cpu }) => Number.parseInt(cpu.requests, 10) },
  { amount: 'cpu.limits', unit: 'm', granted: ({ cpu }) => Number.parseInt(cpu.limits, 10) },
  { amount: 'memory.requests', unit: 'Mi', granted: ({ memory }) => toMebibytes(memory.requests) },
  { amount: 'memory.limits', unit: 'Mi', granted: ({ memory }) => toMebibytes(memory.limits) },
  {
    amount: 'ephemeralStorage.requests',
    unit: 'Mi',
    granted: ({ ephemeralStorage }) => toMebibytes(ephemeralStorage.requests),
  },
  {
    amount: 'ephemeralStorage.limits',
    unit: 'Mi',
    granted: ({ ephemeralStorage }) => toMebibytes(ephemeralStorage.limits),
  },
  { amount: 'pods', unit: '', granted: ({ pods }) => pods },
];

/** Whether everything that can exist at once is granted, amount by amount. */
export function quotaComparisons(service: Service): readonly Comparison[] {
  const [gateway, ...others] = demands(service);
  return [
    ...ROWS.map((row) => ofPods(service, gateway, [...others, BY_HAND], row)),
    ...ofVolumes(service, [gateway, ...others]),
  ];
}

function ofPods(
  service: Service,
  gateway: Demand,
  others: readonly Demand[],
  { amount, unit, granted }: Row,
): Comparison {
  const scale = unit === 'Mi' ? MEBIBYTE : 1;
  const total = Math.ceil(totalOf(amount, [gateway, ...others], 'atOnce') / scale);
  const each = PER_POD[amount](gateway) / scale;
  const rest = Math.ceil(totalOf(amount, others, 'atOnce') / scale);
  const right = granted(service.quota);
  return {
    path: `quota.${amount}`,
    left: {
      value: total,
      text:
        `${podsText(service)}${amount === 'pods' ? '' : ` × ${each}${unit}`} ` +
        `+ ${rest}${unit} of the others = ${total}${unit}`,
    },
    required: '<=',
    right: { value: right, text: `${right}${unit} quota.${amount}` },
    unit: unit === 'm' ? 'millicores' : unit === 'Mi' ? 'MiB' : 'pods',
    fixes: [[`quota.${amount}=${total}${unit}`], fewerPods(service, gateway, amount, (total - right) * scale)],
  };
}

function podsText({ scaling, rollout, release }: Service): string {
  const surge =
    release.restoreSurge > rollout.surge ? `${release.restoreSurge} restoreSurge` : `${rollout.surge} surge`;
  const pods = podsThatOverlap({ scaling, rollout, release });
  return `${scaling.max} HPA max + ${scaling.max} that finish + ${surge} + ${release.baseline} baseline${withdrawnText({ release })} = ${pods} pods`;
}

/**
 * A maximum of the autoscaler that fits; undefined where not even the minimum does. Each pod may be there twice.
 */
function fewerPods(service: Service, gateway: Demand, amount: Amount, excess: number): string[] | undefined {
  const { min, max: now } = service.scaling;
  const max = now - Math.ceil(excess / (2 * PER_POD[amount](gateway)));
  return max < min ? undefined : [`scaling.max=${max}`];
}

function ofVolumes({ quota }: Service, all: readonly Demand[]): readonly Comparison[] {
  const sizes = volumesOf(all);
  const total = Math.ceil(sum(sizes.map(toBytes)) / MEBIBYTE);
  const granted = toMebibytes(quota.storage);
  return [
    {
      path: 'quota.volumes',
      left: { value: sizes.length, text: `${sizes.length} volumes` },
      required: '<=',
      right: { value: quota.volumes, text: `${quota.volumes} quota.volumes` },
      unit: 'volumes',
      fixes: [[`quota.volumes=${sizes.length}`]],
    },
    {
      path: 'quota.storage',
      left: { value: total, text: `${sizes.join(' + ')} = ${total}Mi` },
      required: '<=',
      right: { value: granted, text: `${granted}Mi quota.storage` },
      unit: 'MiB',
      fixes: [[`quota.storage=${total}Mi`]],
    },
  ];
}
