export * from './exports/index.ts';
export { EXPERIMENTS, experimentsOf, tripsOf, type ExperimentId } from './table.ts';
export type * from './experiment.ts';
export { timingOf } from './drill/deadlines.ts';
export { demandOf, usersFor } from './drill/load/demand.ts';
export { FULL } from './drill/pace.ts';
