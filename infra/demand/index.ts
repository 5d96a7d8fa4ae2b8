export { CONTAINERS, LOCAL_DISK, SENTINEL_STORAGE, UNSTATED } from './containers.ts';
export type { Resources } from './containers.ts';
export { BY_HAND, demands } from './demands.ts';
export type { Demand, DemandValues } from './demands.ts';
export { PER_POD, sum, totalOf, volumesOf } from './totals.ts';
export type { Amount, Moment } from './totals.ts';
