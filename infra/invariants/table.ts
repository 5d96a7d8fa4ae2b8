import type { Invariant } from './finding.ts';
import { availability } from './rules/availability.ts';
import { bakeTime } from './rules/bake-time.ts';
import { buckets } from './rules/buckets.ts';
import { capacity } from './rules/capacity.ts';
import { closure } from './rules/closure.ts';
import { detectionBudget } from './rules/detection-budget.ts';
import { drainLadder } from './rules/drain-ladder.ts';
import { drillRoom } from './rules/drill-room.ts';
import { declaredFlows } from './rules/flows.ts';
import { idleLadder } from './rules/idle-ladder.ts';
import { limitOrder } from './rules/limit-order.ts';
import { memory } from './rules/memory.ts';
import { migrations } from './rules/migrations.ts';
import { poolBudget } from './rules/pool-budget.ts';
import { requestLadder } from './rules/request-ladder.ts';
import { restoreBudget } from './rules/restore-budget.ts';
import { rolloutLadder } from './rules/rollout-ladder.ts';
import { sampleFloor } from './rules/sample-floor.ts';
import { sharedStore } from './rules/shared-store.ts';

/** Every rule that joins layers; checked before each synthesis and deploy. */
export const INVARIANTS: readonly Invariant[] = [
  poolBudget,
  requestLadder,
  idleLadder,
  drainLadder,
  rolloutLadder,
  availability,
  memory,
  detectionBudget,
  restoreBudget,
  sampleFloor,
  bakeTime,
  limitOrder,
  sharedStore,
  migrations,
  declaredFlows,
  buckets,
  closure,
  capacity,
  drillRoom,
];
