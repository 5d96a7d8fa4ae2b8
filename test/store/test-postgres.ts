import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../service/store/embedded-postgres.ts';
import { createDatabase, type Database, type DatabaseOptions } from '../../service/store/postgres.ts';
import { eventually } from '../support/eventually.ts';

/** A real Postgres of a test's own. */
export type TestPostgres = EmbeddedPostgres & {
  /** Address of a new, empty database on it. */
  createEmptyDatabase(): Promise<string>;
  /** Stops the server and everything that serves a connection (SIGSTOP) until the returned function lets them go on. */
  freeze(): Promise<() => void>;
  /** Has the server end all connections and recover from its log, as after a crash. */
  crash(): Promise<void>;
  /** Stops the server and removes its folder. */
  remove(): Promise<void>;
};

/** A new folder that Postgres's own account can enter, as root too. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-postgres-'));
  chmodSync(folder, 0o755);
  return folder;
}

/** Starts a Postgres in a folder of its own. */
export async function startPostgres(): Promise<TestPostgres> {
  const directory = makeFolder();
  const postgres = await startEmbeddedPostgres({ directory, log: () => undefined });
  return {
    ...postgres,
    async createEmptyDatabase() {
      const name = `test_${randomBytes(6).toString('hex')}`;
      await sql(postgres.connectionString, `CREATE DATABASE ${name}`);
      return postgres.connectionString.replace(/[^/]+$/, name);
    },
    async freeze() {
      const backends = await sql(postgres.connectionString, 'SELECT pid FROM pg_stat_activity');
      const pids = [serverPid(directory), ...backends.map(({ pid }) => Number(pid))];
      const signal = (name: NodeJS.Signals): void => {
        for (const pid of pids) {
          try {
            process.kill(pid, name);
          } catch {
            // The one that answered has ended with its connection.
          }
        }
      };
      signal('SIGSTOP');
      return () => signal('SIGCONT');
    },
    async crash() {
      // While it recovers from a crash before this one, it takes no connection.
      const [writer] = await eventually(() =>
        sql(postgres.connectionString, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'background writer'"),
      );
      process.kill(Number(writer?.pid), 'SIGKILL');
    },
    async remove() {
      await postgres.stop();
      rmSync(directory, { recursive: true });
    },
  };
}

/** The rows of one statement on a connection of its own. */
export async function sql(connectionString: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<Record<string, unknown>>(text);
    return rows;
  } finally {
    await client.end();
  }
}

/** A Database with one connection per lane and generous times, except where a test says otherwise. */
export function openDatabase(connectionString: string, options: Partial<DatabaseOptions> = {}): Database {
  return createDatabase({
    connectionString,
    pools: { critical: 1, background: 1 },
    acquireTimeout: '30s',
    statementTimeout: '30s',
    onError: () => undefined,
    ...options,
  });
}

/** Process number of the server that uses a folder. */
export function serverPid(directory: string): number {
  return Number(readFileSync(join(directory, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
}
