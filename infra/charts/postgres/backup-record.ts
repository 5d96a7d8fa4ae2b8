import { METRICS } from '../../../service/telemetry/catalogue.ts';

const SCHEMA = 'operations';
const TABLE = `${SCHEMA}.backup`;
const PREFIX = 'postgres_backup';

/**
 * Writes down, in the database itself, that a backup ended well now: a Job is gone before anybody could scrape it. Also
 * run when a database is made, since one that is empty needs no backup yet. Those who watch may read it.
 */
export const RECORD_BACKUP = `SET client_min_messages = warning;
CREATE SCHEMA IF NOT EXISTS ${SCHEMA};
CREATE TABLE IF NOT EXISTS ${TABLE} (
  the_only_row boolean PRIMARY KEY DEFAULT true CHECK (the_only_row),
  finished_at timestamptz NOT NULL
);
GRANT USAGE ON SCHEMA ${SCHEMA} TO pg_monitor;
GRANT SELECT ON ${TABLE} TO pg_monitor;
INSERT INTO ${TABLE} (finished_at) VALUES (now())
  ON CONFLICT (the_only_row) DO UPDATE SET finished_at = excluded.finished_at;
`;

/** What keeps the record out of backups: a restored database is as old as its backup, the record is not. */
export const WITHOUT_RECORD = `--exclude-schema=${SCHEMA}`;

/** The record as a query of the exporter of Postgres, which makes a metric of prefix and column. */
export function backupQueries(): object {
  const { name, help } = METRICS.backupFinished;
  const column = name.slice(PREFIX.length + 1);
  return {
    [PREFIX]: {
      query: `SELECT extract(epoch FROM finished_at) AS ${column} FROM ${TABLE}`,
      metrics: [{ [column]: { usage: 'GAUGE', description: help } }],
    },
  };
}
