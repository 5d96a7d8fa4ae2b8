import type { AlertId } from '../alerts/index.ts';
import type { Service } from '../service/definition/index.ts';
import type { Experiment } from './experiment.ts';
import { GATEWAY_EXPERIMENTS } from './experiments/gateway.ts';
import { POSTGRES_EXPERIMENTS } from './experiments/postgres.ts';
import { REDIS_EXPERIMENTS } from './experiments/redis.ts';
import { RELEASE_EXPERIMENTS } from './experiments/release.ts';
import { UPSTREAM_EXPERIMENTS } from './experiments/upstream.ts';

/** Name of an experiment. */
export type ExperimentId = (typeof ROWS)[number]['id'];

const ROWS = [
  ...UPSTREAM_EXPERIMENTS,
  ...REDIS_EXPERIMENTS,
  ...POSTGRES_EXPERIMENTS,
  ...GATEWAY_EXPERIMENTS,
  ...RELEASE_EXPERIMENTS,
] as const satisfies readonly Experiment[];

/** Every experiment. */
export const EXPERIMENTS: readonly Experiment[] = ROWS;

/** The experiments that make sense in an environment. */
export function experimentsOf(service: Service): readonly Experiment[] {
  return EXPERIMENTS.filter(({ fits }) => fits(service));
}

/** The alerts that an experiment must trip. */
export function tripsOf({ chain }: Pick<Experiment, 'chain'>): readonly AlertId[] {
  return [
    ...new Set(
      chain.flatMap(({ expect }) => (expect.kind === 'alert' && expect.state === 'firing' ? [expect.alert] : [])),
    ),
  ];
}
