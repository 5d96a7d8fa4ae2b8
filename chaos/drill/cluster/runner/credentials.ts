import { randomBytes } from 'node:crypto';
import { createApiKey, createUser, listApiKeys, revokeApiKey } from '../../../../service/app/index.ts';
import { DRILL_TIER, type Service } from '../../../../service/definition/index.ts';
import { createDatabase, type Database } from '../../../../service/store/postgres.ts';
import type { Clock } from '../../clock.ts';
import type { Stand } from '../../stand.ts';
import { logIn } from './log-in.ts';

/** The key and the users of one drill. */
export type DrillCredentials = {
  readonly credentials: Stand['credentials'];
  /** Revokes the key and removes the users, also those of drills that could not. Never rejects: what it cannot do, it tells. */
  readonly remove: () => Promise<void>;
};

/** Where they are made, and for how long they are good for anything. */
export type CredentialOptions = {
  readonly databaseUrl: string;
  readonly service: Service;
  readonly origin: string;
  /** Unique for good. */
  readonly name: string;
  /** How many. */
  readonly users: number;
  readonly clock: Clock;
  /** Breaks it off. */
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
};

/** Names of what a drill makes, by that of its seat. */
const OWNER = /^drill-[0-9a-f]{10}$/;
const USER = /^drill-[0-9a-f]{10}-[0-9]+$/;
/** A key that nobody could revoke is worth nothing after a day. */
const KEY_LASTS_MS = 86_400_000;

/**
 * Makes a key and users in Postgres, and logs them in, at the pace that the limit of logins sets. Rejects where one of it
 * cannot be done; nothing is left then.
 */
export async function makeCredentials(options: CredentialOptions): Promise<DrillCredentials> {
  const { databaseUrl, service, name, users, onError } = options;
  const usernames = Array.from({ length: users }, (_, place) => `${name}-${place + 1}`);
  const { acquireTimeout, statementTimeout } = service.datastores.postgres;
  const open = (): Database =>
    createDatabase({
      connectionString: databaseUrl,
      pools: { critical: 1, background: 1 },
      acquireTimeout,
      statementTimeout,
      onError: () => undefined,
    });
  const withDatabase = async <T>(work: (database: Database) => Promise<T>): Promise<T> => {
    // For each piece of work: a drill takes Postgres away, and with it connections.
    const database = open();
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  };
  const remove = (): Promise<void> => withDatabase(removeClients).catch(onError);
  try {
    const password = randomBytes(18).toString('base64url');
    const key = await withDatabase(async (database) => {
      // Of a drill that was killed.
      await removeClients(database);
      for (const username of usernames) await createUser(database, username, password);
      const tier = DRILL_TIER in service.limits.tiers ? DRILL_TIER : undefined;
      const expiresAt = new Date(Date.now() + KEY_LASTS_MS);
      return (await createApiKey(database, { owner: name, name: 'drill', expiresAt, ...(tier && { tier }) })).key;
    });
    const sessions = await logIn(
      usernames.map((username) => ({ username, password })),
      options,
    );
    return { credentials: { key, sessions }, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Revokes the keys of drills and removes their users: there is one drill at a time, so all that there are can go. */
async function removeClients(database: Database): Promise<void> {
  for (const { id, owner, revokedAt } of await listApiKeys(database))
    if (OWNER.test(owner) && revokedAt === undefined) await revokeApiKey(database, id);
  await database.query('critical', 'DELETE FROM users WHERE username ~ $1', [USER.source]);
}
