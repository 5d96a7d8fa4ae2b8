export * from './exports/index.ts';
export { EXPERIMENTS, experimentsOf, tripsOf, type ExperimentId } from './table.ts';
export type * from './experiment.ts';
