export { formatObstacles, preflight, PreflightError, type Finding, type Preflight } from './preflight.ts';
export type { Candidate, Obstacle, Precondition } from './precondition.ts';
export { PRECONDITIONS } from './table.ts';
