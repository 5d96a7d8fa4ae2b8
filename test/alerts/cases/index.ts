import type { AlertId } from '../../../alerts/index.ts';
import type { AlertCase } from '../rule-test.ts';
import { BURN_CASES } from './burn-cases.ts';
import { CLUSTER_CASES } from './cluster-cases.ts';
import { DRILL_CASES } from './drill-cases.ts';
import { ENDING_CASES } from './ending-cases.ts';
import { FORECAST_CASES } from './forecast-cases.ts';
import { GATEWAY_CASES } from './gateway-cases.ts';
import { GUARD_CASES } from './guard-cases.ts';
import { LANE_CASES } from './lane-cases.ts';
import { OBJECTIVE_CASES } from './objective-cases.ts';
import { POSTGRES_CASES } from './postgres-cases.ts';
import { PROCESS_CASES } from './process-cases.ts';
import { REDIS_CASES } from './redis-cases.ts';
import { RELEASE_CASES } from './release-cases.ts';
import { WATCH_CASES } from './watch-cases.ts';

/** What promtool holds against each alert: situations in which it fires, and such in which it must not. */
export const CASES: Readonly<Record<AlertId, readonly AlertCase[]>> = {
  ...OBJECTIVE_CASES,
  ...BURN_CASES,
  ...GATEWAY_CASES,
  ...LANE_CASES,
  ...PROCESS_CASES,
  ...REDIS_CASES,
  ...POSTGRES_CASES,
  ...CLUSTER_CASES,
  ...FORECAST_CASES,
  ...RELEASE_CASES,
  ...ENDING_CASES,
  ...GUARD_CASES,
  ...DRILL_CASES,
  ...WATCH_CASES,
};
