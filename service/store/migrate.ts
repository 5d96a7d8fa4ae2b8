import { setTimeout as wait } from 'node:timers/promises';
import { runner } from 'node-pg-migrate';
import { Client } from 'pg';
import { definition } from '../definition/index.ts';
import {
  closeFence,
  ensureLedger,
  MIGRATIONS_TABLE,
  noteContracted,
  olderVersions,
  openFence,
  readApplied,
} from './schema/ledger.ts';
import { MigrationRefused, refuseTooOld } from './schema/refusal.ts';
import { MIGRATIONS, readStepFiles, requireSteps, type StepFile } from './schema/step-files.ts';
import { statementsOf } from './schema/statements.ts';

/** Settings of a migration. */
export type MigrateOptions = {
  /** Told what is done, a line at a time. */
  readonly log: (line: string) => void;
  /** Version of the service that migrates; default that of the definition. */
  readonly version?: string;
  /** Folder of the migrations; default the service's own. */
  readonly folder?: string;
  /** How long it tries again while others hold what it needs; default 120,000. */
  readonly patienceMs?: number;
  readonly signal?: AbortSignal | undefined;
};

const CONNECT_TIMEOUT_MS = 5_000;
const DEFAULT_PATIENCE_MS = 120_000;
const PAUSE_MS = { first: 250, most: 5_000 };
/** While a step waits for a lock, all who come after it wait as well: no longer than this, then they go first. */
const LOCK_TIMEOUT = '1s';
/** A step holds what it has locked to its end. */
const STATEMENT_TIMEOUT = '15s';
/** What runs CONCURRENTLY keeps nobody out, and takes as long as it takes to read a table. */
const CONCURRENT_TIMEOUT = '5min';
/** The lock of node-pg-migrate itself, so that its own program waits for us, too. */
const LOCK = 7_241_865_325_823_964n;
/** Others hold a lock (lock_not_available, deadlock_detected); of everything else a repetition makes nothing better. */
const BUSY = new Set(['55P03', '40P01']);

/**
 * Brings the tables up to date: every file of `migrations` that this database has not seen, in order, each in a
 * transaction of its own. Processes that start at once take turns by an advisory lock; all but the first find nothing
 * to do. A step that does not get its locks soon gives way to live traffic and is tried again.
 *
 * Rejects with a MigrationRefused when a contract step is due while an older version may run, or when this version is
 * too old for what was contracted; the steps before it stay. Rejects with the driver's error when Postgres does not
 * answer, refuses a statement, or is still busy after `patienceMs`.
 */
export async function migrate(connectionString: string, options: MigrateOptions): Promise<void> {
  const { log, patienceMs = DEFAULT_PATIENCE_MS, signal } = options;
  const deadline = performance.now() + patienceMs;
  let pause = PAUSE_MS.first;
  for (;;) {
    try {
      if (await attempt(connectionString, options)) return;
      if (performance.now() > deadline) throw new Error('another migration still runs');
    } catch (error) {
      const { code = '', message } = error as { code?: string; message: string };
      if (!BUSY.has(code) || performance.now() > deadline) throw error;
      log(`gave way to others (${message}); trying again`);
    }
    await wait(pause, undefined, { ...(signal && { signal }) });
    pause = Math.min(2 * pause, PAUSE_MS.most);
  }
}

/** Applies what is missing; false when another process is at it. */
async function attempt(connectionString: string, options: MigrateOptions): Promise<boolean> {
  const { log, version = definition.dev.version, folder = MIGRATIONS } = options;
  const client = new Client({
    connectionString,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'sluice-migrate',
  });
  // A connection that breaks rejects the statement that waits; the event beside it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ locked: boolean }>(`SELECT pg_try_advisory_lock(${LOCK}) AS locked`);
    if (!rows[0]?.locked) return false;
    await client.query(`SET lock_timeout = '${LOCK_TIMEOUT}'; SET statement_timeout = '${STATEMENT_TIMEOUT}'`);
    await ensureLedger(client);
    const applied = await readApplied(client);
    refuseTooOld(version, applied.contracted);
    const files = readStepFiles(folder);
    requireSteps(files);
    const due = files.filter(({ name }) => !applied.names.includes(name));
    for (const file of due) await applyNext(client, file, { log, folder, files });
    if (due.length === 0) log('the schema is up to date');
    return true;
  } finally {
    await client.end();
  }
}

type Run = { readonly log: (line: string) => void; readonly folder: string; readonly files: readonly StepFile[] };

async function applyNext(client: Client, { name, step }: StepFile, run: Run): Promise<void> {
  const contract = step?.phase === 'contract' ? step : undefined;
  if (contract) {
    await closeFence(client);
    await refuseWhileOlderRun(client, contract);
  }
  const [done] = await next(client, run);
  if (done?.name !== name) throw new Error(`${done?.name ?? 'no migration'} ran in place of ${name}`);
  if (contract) await openFence(client);
  run.log(`${name} is applied`);
}

async function refuseWhileOlderRun(client: Client, { name, safeFrom }: { name: string; safeFrom: string }) {
  const older = await olderVersions(client, safeFrom);
  if (older.length === 0) return;
  throw new MigrationRefused(
    'older-run',
    `${name} is safe from version ${safeFrom}, and ${older.join(', ')} may still run. Nothing of it was done: ` +
      `roll out ${safeFrom} or later everywhere first, then try again.`,
  );
}

/** Applies the first migration that the database has not seen; the lock is ours already. */
function next(client: Client, { log, folder, files }: Run): ReturnType<typeof runner> {
  return runner({
    dbClient: client,
    dir: folder,
    migrationsTable: MIGRATIONS_TABLE,
    direction: 'up',
    count: 1,
    noLock: true,
    // Of what it says only where a statement is wrong: the rejection does not tell.
    logger: { info: silent, warn: silent, error: log },
    migrationLoaderStrategies: [{ extensions: ['.sql'], loader: () => Promise.resolve(units(folder, files)) }],
  });
}

const silent = (): void => undefined;

function units(folder: string, files: readonly StepFile[]) {
  return files.map((file) => {
    const path = `${folder}/${file.name}.sql`;
    return {
      id: path,
      filePaths: [path],
      actions: {
        up: (pgm: { sql(text: string): void; noTransaction(): void }) => {
          // First, because outside a transaction a note too early is safe and one too late is not.
          if (file.step?.phase === 'contract') pgm.sql(noteContracted(file.step));
          if (file.inTransaction) {
            pgm.sql(file.sql);
            return;
          }
          pgm.noTransaction();
          for (const statement of outsideTransaction(file.sql)) pgm.sql(statement);
        },
        down: false as const,
      },
    };
  });
}

/** An index that was not finished stays, invalid, and IF NOT EXISTS would take it for the one that is wanted. */
function outsideTransaction(sql: string): readonly string[] {
  const [statement = ''] = statementsOf(sql);
  const index = /^CREATE (?:UNIQUE )?INDEX CONCURRENTLY (?:IF NOT EXISTS )?(\S+) ON /i.exec(statement)?.[1];
  return [
    `SET lock_timeout = '${CONCURRENT_TIMEOUT}'`,
    `SET statement_timeout = '${CONCURRENT_TIMEOUT}'`,
    ...(index === undefined ? [] : [`DROP INDEX CONCURRENTLY IF EXISTS ${index}`]),
    sql,
    `SET lock_timeout = '${LOCK_TIMEOUT}'`,
    `SET statement_timeout = '${STATEMENT_TIMEOUT}'`,
  ];
}
