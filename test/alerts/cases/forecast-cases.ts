import type { FORECAST_ALERTS } from '../../../alerts/forecast-alerts.ts';
import { METRICS } from '../../../service/telemetry/catalogue.ts';
import type { CasesOf } from '../rule-test.ts';
import { held, rising, together } from '../samples.ts';
import { gauge, told } from './inputs.ts';

const MEBIBYTE = 2 ** 20;
const GIBIBYTE = 2 ** 30;
const CLAIM = { persistentvolumeclaim: 'data-postgres-0' };
const DATABASE = { datname: 'sluice' };
const STATE = { datname: 'sluice', state: 'idle' };

/** Situations of what will run out. */
export const FORECAST_CASES: CasesOf<typeof FORECAST_ALERTS> = {
  VolumeFills: [
    {
      title: 'four of ten gibibytes are free and a mebibyte a minute goes, then nothing does',
      input: together(
        told(METRICS.volumeCapacity, CLAIM, held([900, 10 * GIBIBYTE])),
        told(METRICS.volumeAvailable, CLAIM, rising(4 * GIBIBYTE, [120, -MEBIBYTE], [780, 0])),
      ),
      before: '58m',
      at: '1h30m',
      fires: {
        labels: CLAIM,
        description:
          '39.12% of the volume data-postgres-0 in sluice-prod are free, and at the pace of the last six hours none will be within four days.',
      },
      over: '12h',
    },
    {
      title: 'as much goes, and most is free',
      input: together(
        told(METRICS.volumeCapacity, CLAIM, held([180, 10 * GIBIBYTE])),
        told(METRICS.volumeAvailable, CLAIM, rising(8 * GIBIBYTE, [180, -MEBIBYTE])),
      ),
      at: '2h30m',
    },
    {
      title: 'little is free, and that stays',
      input: together(
        told(METRICS.volumeCapacity, CLAIM, held([180, 10 * GIBIBYTE])),
        told(METRICS.volumeAvailable, CLAIM, held([180, GIBIBYTE])),
      ),
      at: '2h30m',
    },
  ],
  DatabaseFills: [
    {
      title: 'six of ten gibibytes are taken and a mebibyte a minute comes, then nothing does',
      input: told(METRICS.databaseSize, DATABASE, rising(6 * GIBIBYTE, [120, MEBIBYTE], [780, 0])),
      before: '58m',
      at: '1h30m',
      fires: {
        labels: {},
        description:
          'The databases in sluice-prod take 60.88% of their volume, and at the pace of the last six hours will fill it within four days.',
      },
      over: '12h',
    },
    {
      title: 'as much comes, and there is room',
      input: told(METRICS.databaseSize, DATABASE, rising(GIBIBYTE, [180, MEBIBYTE])),
      at: '2h30m',
    },
    {
      title: 'six are taken, and that stays',
      input: told(METRICS.databaseSize, DATABASE, held([180, 6 * GIBIBYTE])),
      at: '2h30m',
    },
  ],
  PostgresConnectionsGrow: [
    {
      title: 'more than half of a hundred are open and one more each minute, then no more',
      input: together(
        told(METRICS.postgresConnections, STATE, rising(55, [25, 1], [60, 0])),
        told(METRICS.postgresMaxConnections, {}, held([120, 100])),
      ),
      before: '10m',
      at: '20m',
      fires: {
        labels: {},
        description:
          '75.25% of the connections of Postgres are open in sluice-prod, and at the pace of the last half hour all will be within the hour.',
      },
      over: '60m',
    },
    {
      title: 'as many come, and few are open',
      input: together(
        told(METRICS.postgresConnections, STATE, rising(5, [30, 1])),
        told(METRICS.postgresMaxConnections, {}, held([120, 100])),
      ),
      at: '25m',
    },
    {
      title: 'sixty are open, and that stays',
      input: together(
        told(METRICS.postgresConnections, STATE, held([60, 60])),
        told(METRICS.postgresMaxConnections, {}, held([60, 100])),
      ),
      at: '50m',
    },
  ],
  MemoryGrows: [
    {
      title: 'a pod grows by two mebibytes a minute, then no more',
      settings: ['gateway.memory.limit=1Gi'],
      input: gauge(METRICS.residentMemory, {}, rising(600 * MEBIBYTE, [60, 2 * MEBIBYTE], [180, 0])),
      before: '30m',
      at: '45m',
      fires: {
        labels: { pod: 'gateway-1' },
        description:
          'gateway-1 in sluice-prod uses 67.43% of its memory, and at the pace of the last hour will use all within four.',
      },
      over: '2h30m',
    },
    {
      title: 'it grows as fast while it starts',
      input: gauge(METRICS.residentMemory, {}, rising(100 * MEBIBYTE, [60, 2 * MEBIBYTE])),
      at: '50m',
    },
    { title: 'it stays', input: gauge(METRICS.residentMemory, {}, held([120, 700 * MEBIBYTE])), at: '2h' },
  ],
};
