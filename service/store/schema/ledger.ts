import type { Client } from 'pg';
import {
  compareVersions,
  rollbackSafe,
  toMilliseconds,
  type Duration,
  type SchemaStep,
} from '../../definition/index.ts';

/** Where node-pg-migrate keeps the names of what is applied. */
export const MIGRATIONS_TABLE = 'migrations';

/** Tables that say what the schema is and who uses it, and nothing of the application's; a restore replaces them. */
export const LEDGER_TABLES = [MIGRATIONS_TABLE, 'contracted', 'versions_seen'] as const;

/** How often each gateway says that its version runs. */
export const SEEN_EVERY: Duration = '30s';

/**
 * A version that nobody has named for so long runs no more. A gateway that was cut off from Postgres for longer may
 * still run; it learns what was contracted within `SEEN_EVERY` of reaching it again, and stops.
 */
const GONE_AFTER: Duration = '2m';

// Held together by those who say that their version runs, alone by who contracts: whichever comes second sees the
// other.
const FENCE = 7_241_865_325_823_965n;

/** What has been done to a database. */
export type AppliedSchema = {
  /** Names of all migrations that it has seen; empty for a new database. */
  readonly names: readonly string[];
  /** Its contract steps, also those that this version does not know. */
  readonly contracted: readonly SchemaStep[];
};

/** Makes the tables of the ledger beside that of node-pg-migrate, where they are missing. */
export async function ensureLedger(client: Client): Promise<void> {
  await client.query(
    `CREATE TABLE IF NOT EXISTS contracted (name text PRIMARY KEY, safe_from text NOT NULL);
     CREATE TABLE IF NOT EXISTS versions_seen (version text PRIMARY KEY, seen_at timestamptz NOT NULL)`,
  );
}

/** The statement that notes a contract step, for the transaction that does it. */
export function noteContracted(step: SchemaStep & { readonly phase: 'contract' }): string {
  return `INSERT INTO contracted (name, safe_from) VALUES ('${step.name}', '${step.safeFrom}') ON CONFLICT DO NOTHING;\n`;
}

/** Reads what has been done to the database; of one without a ledger, nothing. */
export async function readApplied(client: Client): Promise<AppliedSchema> {
  const { rows } = await client.query<{ migrations: boolean; contracted: boolean }>(
    `SELECT to_regclass('migrations') IS NOT NULL AS migrations, to_regclass('contracted') IS NOT NULL AS contracted`,
  );
  const found = rows[0];
  const names = found?.migrations
    ? (await client.query<{ name: string }>(`SELECT name FROM ${MIGRATIONS_TABLE} ORDER BY id`)).rows
    : [];
  const contracted = found?.contracted
    ? (await client.query<{ name: string; safe_from: string }>('SELECT name, safe_from FROM contracted')).rows
    : [];
  return {
    names: names.map(({ name }) => name),
    contracted: contracted.map(({ name, safe_from: safeFrom }) => ({ name, phase: 'contract', safeFrom })),
  };
}

/**
 * Says that a version runs unless it is too old, and reads what has been done; undefined while somebody contracts or
 * before there is a ledger to say it in. In one transaction, so that it is right behind a pooler too.
 */
export async function reportVersion(client: Client, version: string): Promise<AppliedSchema | undefined> {
  await client.query('BEGIN');
  try {
    const { rows } = await client.query<{ open: boolean }>(
      `SELECT to_regclass('versions_seen') IS NOT NULL AND pg_try_advisory_xact_lock_shared(${FENCE}) AS open`,
    );
    if (!rows[0]?.open) return undefined;
    const applied = await readApplied(client);
    // One that is too old does not run, and must not keep others from contracting further.
    if (rollbackSafe(version, applied.contracted))
      await client.query(
        `INSERT INTO versions_seen (version, seen_at) VALUES ($1, now())
         ON CONFLICT (version) DO UPDATE SET seen_at = excluded.seen_at`,
        [version],
      );
    return applied;
  } finally {
    await client.query('COMMIT');
  }
}

/** Keeps every gateway from saying that its version runs until the connection is closed. */
export async function closeFence(client: Client): Promise<void> {
  await client.query(`SELECT pg_advisory_lock(${FENCE})`);
}

/** Lets gateways say again that their version runs. */
export async function openFence(client: Client): Promise<void> {
  await client.query(`SELECT pg_advisory_unlock(${FENCE})`);
}

/** The name of a gateway's connection in `pg_stat_activity`, with the version of the service. */
export function connectionName(lane: string, version: string): string {
  return `sluice-${lane}/${version}`;
}

/**
 * Versions before `safeFrom` that may still run: those that a gateway has named lately, and those with a connection
 * now, should a busy Postgres have kept them from saying so.
 */
export async function olderVersions(client: Client, safeFrom: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ version: string }>(
    `SELECT version FROM versions_seen WHERE seen_at > now() - $1 * interval '1 ms'
     UNION
     SELECT substring(application_name FROM '^sluice-[a-z]+/(.+)$') FROM pg_stat_activity
     WHERE datname = current_database() AND application_name ~ '^sluice-[a-z]+/'`,
    [toMilliseconds(GONE_AFTER)],
  );
  return rows
    .map(({ version }) => version)
    .filter((version) => compareVersions(version, safeFrom) < 0)
    .sort(compareVersions);
}
