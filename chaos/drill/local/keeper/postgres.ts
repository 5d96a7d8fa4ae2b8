import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../../../service/store/embedded-postgres.ts';
import { findProcess, treeOf, type KnownProcess } from '../processes.ts';
import { killAll, type Keeping, type Program } from './program.ts';

/** Accounts of a stand's Postgres: none is a superuser, who would be let in when nobody else is. */
export const ACCOUNTS = { gateway: 'gateway', exporter: 'exporter', idle: 'idle' } as const;

/** Name of an account. */
export type Account = keyof typeof ACCOUNTS;

/** The one database of it. */
const DATABASE = 'sluice';

/** A Postgres that can be broken, and knows where it listens: after a start that may be elsewhere. */
export type PostgresProgram = Program & {
  /** Host and port. */
  address(): string;
  /** The address with the password of an account; `at`: host and port of what stands in front. */
  urlOf(account: Account, at?: string): string;
  /** As it says itself. */
  version(): string;
  /** Ends all connections and the server, so that it gives back the memory that it shares. */
  stop(): Promise<void>;
};

/** A Postgres with a database for the gateway, and so many connections. */
export function postgresProgram(keeping: Keeping, maxConnections: number): PostgresProgram {
  const password = randomBytes(18).toString('base64url');
  const directory = join(keeping.folder, 'postgres');
  mkdirSync(directory);
  // Its account is another one than root's.
  chmodSync(directory, 0o755);
  let server: EmbeddedPostgres | undefined;
  let begun: Promise<EmbeddedPostgres | undefined> = Promise.resolve(undefined);
  let known: KnownProcess | undefined;
  let version = 'unknown';
  let killed = false;
  let isMade = false;
  const log = (line: string): void => {
    if (!killed && !keeping.signal.aborted) keeping.log(line);
  };
  const run = async (): Promise<string> => {
    keeping.signal.throwIfAborted();
    const starting = startEmbeddedPostgres({ directory, log });
    begun = starting.catch(() => undefined);
    server = await starting;
    return server.connectionString;
  };
  const require = (): EmbeddedPostgres => {
    if (!server) throw new Error('Postgres has not been started yet');
    return server;
  };
  const tree = (): readonly KnownProcess[] => (known ? treeOf(known) : []);
  return {
    name: 'postgres',
    tree,
    async start() {
      killed = false;
      let url = await run();
      if (!isMade) {
        await ask(url, [`ALTER SYSTEM SET max_connections = ${maxConnections}`, ...accounts(password)]);
        // The number of connections is read at a start alone.
        await require().stop();
        url = await run();
        isMade = true;
      }
      const [row] = await ask(url, [
        "SELECT current_setting('data_directory') AS data, current_setting('server_version') AS version",
      ]);
      version = row?.version ?? version;
      known = findProcess(Number.parseInt(readFileSync(join(row?.data ?? '', 'postmaster.pid'), 'utf8')));
      keeping.record.add(tree().map((each) => ({ ...each, name: 'postgres' })));
    },
    async kill() {
      killed = true;
      await killAll(tree());
    },
    // A start that has begun cannot be broken off.
    stop: async () => (await begun)?.stop(),
    address: () => new URL(require().connectionString).host,
    urlOf(account, at = new URL(require().connectionString).host) {
      return `postgres://${ACCOUNTS[account]}:${password}@${at}/${DATABASE}`;
    },
    version: () => version,
  };
}

function accounts(password: string): readonly string[] {
  const { gateway, exporter, idle } = ACCOUNTS;
  return [
    `CREATE ROLE ${gateway} LOGIN PASSWORD '${password}'`,
    `CREATE ROLE ${exporter} LOGIN CONNECTION LIMIT 5 PASSWORD '${password}'`,
    `GRANT pg_monitor TO ${exporter}`,
    `CREATE ROLE ${idle} LOGIN PASSWORD '${password}'`,
    `CREATE DATABASE ${DATABASE} OWNER ${gateway}`,
  ];
}

/** Runs statements one after the other; resolves with the rows of the last one. */
async function ask(url: string, statements: readonly string[]): Promise<readonly Record<string, string>[]> {
  const client = new Client({ connectionString: url });
  // A connection that breaks rejects the statement that waits; the event beside it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    let rows: readonly Record<string, string>[] = [];
    for (const statement of statements) rows = (await client.query<Record<string, string>>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}
