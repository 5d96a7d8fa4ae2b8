import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import { Client } from 'pg';

/** Settings of a migration. */
export type MigrateOptions = {
  /** Told what is done, a line at a time. */
  readonly log: (line: string) => void;
};

const MIGRATIONS = fileURLToPath(new URL('migrations', import.meta.url));
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Brings the tables up to date: every file of `migrations` that this database has not seen, in order, each in a
 * transaction of its own. Processes that start at once wait for each other by an advisory lock; all but the first find
 * nothing to do. Rejects with the driver's error when Postgres does not answer or refuses a statement.
 */
export async function migrate(connectionString: string, { log }: MigrateOptions): Promise<void> {
  const client = new Client({
    connectionString,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'sluice-migrate',
  });
  // A connection that breaks rejects the statement that waits; the event beside it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await runner({
      dbClient: client,
      dir: MIGRATIONS,
      migrationsTable: 'migrations',
      direction: 'up',
      advisoryLockMode: 'wait',
      log,
    });
  } finally {
    await client.end();
  }
}
