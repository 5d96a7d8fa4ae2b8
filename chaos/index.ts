export { chaosObjects } from './objects.ts';
export { EXPERIMENTS, type ExperimentId } from './table.ts';
export type { Delay, Experiment } from './experiment.ts';
