import { expect, test } from '@jest/globals';
import { OUTCOMES, PHASES } from '../../alerts/rollback/state.ts';
import { METRICS } from '../../service/telemetry/catalogue.ts';

test('the guard is in one of the phases that its metric names, and ends as its metrics say', () => {
  expect(METRICS.releasePhase.values.phase).toEqual(PHASES);
  expect(METRICS.releaseOutcome.values.outcome).toEqual(OUTCOMES);
  expect(METRICS.releaseOutcomes.values.outcome).toEqual(OUTCOMES);
});
