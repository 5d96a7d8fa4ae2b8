import type { POSTGRES_ALERTS } from '../../../alerts/postgres-alerts.ts';
import type { STORE_ALERTS } from '../../../alerts/store-alerts.ts';
import { METRICS } from '../../../service/telemetry/catalogue.ts';
import type { CasesOf } from '../rule-test.ts';
import { held, missing, together, type InputSeries } from '../samples.ts';
import { gauge, told } from './inputs.ts';

const GIBIBYTE = 2 ** 30;
const HOUR = 3600;

const reached = (job: string, values: string): InputSeries => gauge(METRICS.up, { job }, values);

const connections = (active: string, idle: string): InputSeries =>
  together(
    told(METRICS.postgresConnections, { datname: 'sluice', state: 'active' }, active),
    told(METRICS.postgresConnections, { datname: 'sluice', state: 'idle' }, idle),
    told(METRICS.postgresMaxConnections, {}, held([60, 100])),
  );

type Exporters = Extract<(typeof STORE_ALERTS)[number], { readonly id: 'ExporterDown' }>;

/** Situations of Postgres and of the exporters beside the stores. */
export const POSTGRES_CASES: CasesOf<readonly ((typeof POSTGRES_ALERTS)[number] | Exporters)[]> = {
  PostgresDown: [
    {
      title: 'Postgres does not answer for five minutes, and it explains what that burnt',
      input: told(METRICS.postgresUp, {}, held([2, 1], [5, 0], [30, 1])),
      before: '2m45s',
      at: '11m45s',
      fires: { labels: {}, description: 'Postgres does not answer its exporter in sluice-prod.' },
      over: '12m15s',
    },
    {
      title: 'it does not answer, and its exporter misses a scrape now and then',
      input: told(METRICS.postgresUp, {}, missing(3, held([2, 1], [30, 0]))),
      at: '4m',
      fires: { labels: {}, description: 'Postgres does not answer its exporter in sluice-prod.' },
    },
    {
      title: 'it is away for less than a minute',
      input: told(METRICS.postgresUp, {}, held([1, 1], [0.75, 0], [10, 1])),
      at: '2m',
    },
  ],
  PostgresConnectionsNearLimit: [
    {
      title: 'clients hold most connections, active and idle together, for ten minutes',
      input: connections(held([2, 10], [10, 30], [30, 10]), held([60, 55])),
      before: '6m45s',
      at: '7m',
      fires: { labels: {}, description: '85% of the connections of Postgres are open in sluice-prod.' },
      over: '12m15s',
    },
    { title: 'they hold half', input: connections(held([60, 20]), held([60, 30])), at: '10m' },
  ],
  PostgresNearlyFull: [
    {
      title: 'two databases fill three quarters of the volume together, until somebody makes room',
      input: together(
        told(METRICS.databaseSize, { datname: 'sluice' }, held([2, GIBIBYTE], [15, 7 * GIBIBYTE], [30, GIBIBYTE])),
        told(METRICS.databaseSize, { datname: 'postgres' }, held([60, GIBIBYTE / 2])),
      ),
      before: '11m45s',
      at: '12m',
      fires: { labels: {}, description: 'The databases take 75% of the volume of Postgres in sluice-prod.' },
      over: '17m15s',
    },
    {
      title: 'they fill half',
      input: told(METRICS.databaseSize, { datname: 'sluice' }, held([60, 5 * GIBIBYTE])),
      at: '15m',
    },
  ],
  PostgresBackupOld: [
    {
      title: 'the last backup was yesterday, and the next one comes',
      input: told(METRICS.backupFinished, {}, held([20, -27 * HOUR], [30, 1200])),
      before: '4m45s',
      at: '10m',
      fires: { labels: {}, description: 'The last whole backup in sluice-prod is 1d 3h 10m 0s old.' },
      over: '20m15s',
    },
    {
      title: 'the last backup was this night',
      input: told(METRICS.backupFinished, {}, held([60, -20 * HOUR])),
      at: '10m',
    },
  ],
  ExporterDown: [
    {
      title: 'one exporter is not there at all',
      input: reached('redis-exporter', held([60, 1])),
      at: '6m',
      fires: {
        labels: { job: 'postgres-exporter' },
        description: 'Prometheus does not reach postgres-exporter in sluice-prod.',
      },
    },
    {
      title: 'one exporter does not answer for ten minutes',
      input: together(
        reached('redis-exporter', held([2, 1], [10, 0], [30, 1])),
        reached('postgres-exporter', held([60, 1])),
      ),
      before: '6m45s',
      at: '7m',
      fires: {
        labels: { job: 'redis-exporter' },
        description: 'Prometheus does not reach redis-exporter in sluice-prod.',
      },
      over: '12m15s',
    },
    {
      title: 'both answer',
      input: together(reached('redis-exporter', held([60, 1])), reached('postgres-exporter', held([60, 1]))),
      at: '10m',
    },
  ],
};
