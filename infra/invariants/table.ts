import { availability } from './availability.ts';
import { bakeTime } from './bake-time.ts';
import { capacity } from './capacity.ts';
import { closure } from './closure.ts';
import { detectionBudget } from './detection-budget.ts';
import { drainLadder } from './drain-ladder.ts';
import type { Invariant } from './finding.ts';
import { declaredFlows } from './flows.ts';
import { idleLadder } from './idle-ladder.ts';
import { limitOrder } from './limit-order.ts';
import { memory } from './memory.ts';
import { migrations } from './migrations.ts';
import { poolBudget } from './pool-budget.ts';
import { requestLadder } from './request-ladder.ts';
import { restoreBudget } from './restore-budget.ts';
import { rolloutLadder } from './rollout-ladder.ts';
import { sampleFloor } from './sample-floor.ts';
import { sharedStore } from './shared-store.ts';

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
  closure,
  capacity,
];
