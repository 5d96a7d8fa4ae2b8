import { expect, test } from '@jest/globals';
import { createGuardMetrics } from '../../../../alerts/rollback/metrics.ts';
import { METRICS } from '../../../../service/telemetry/catalogue.ts';

const OF_THE_GUARD = Object.values(METRICS).filter(({ exporter }) => exporter === 'guard');

test.each(OF_THE_GUARD)('$name is told with its type and meaning', async ({ name, type, help }) => {
  const text = await createGuardMetrics({ now: () => 0 }).read();

  expect(text).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
});
