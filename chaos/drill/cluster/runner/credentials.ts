import { randomBytes } from 'node:crypto';
import { createApiKey, createUser, revokeApiKey } from '../../../../service/app/index.ts';
import type { Service } from '../../../../service/definition/index.ts';
import { createDatabase, type Database } from '../../../../service/store/postgres.ts';
import { askJson } from '../../local/ask.ts';
import type { Stand } from '../../stand.ts';

/** The key and the user of one drill. */
export type DrillCredentials = {
  readonly credentials: Stand['credentials'];
  /** Revokes the key, and removes the user and what was made in its name. Never rejects: what it cannot do, it tells. */
  readonly remove: () => Promise<void>;
};

/** Where they are made, and for how long they are good for anything. */
export type CredentialOptions = {
  readonly databaseUrl: string;
  readonly service: Service;
  readonly origin: string;
  /** Unique for good. */
  readonly name: string;
  readonly onError: (error: unknown) => void;
};

/** The tiers that a drill may belong to, the first that the definition has. */
const TIERS = ['drill', 'enterprise'] as const;
/** A key that nobody could revoke is worth nothing after a day. */
const KEY_LASTS_MS = 86_400_000;

/** Makes a key and a user in Postgres, and logs in. Rejects where one of it cannot be done; nothing is left then. */
export async function makeCredentials(options: CredentialOptions): Promise<DrillCredentials> {
  const { databaseUrl, service, origin, name, onError } = options;
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
  let keyId: string | undefined;
  const remove = async (): Promise<void> => {
    await withDatabase(async (database) => {
      if (keyId !== undefined) await revokeApiKey(database, keyId);
      await database.query('critical', 'DELETE FROM users WHERE username = $1', [name]);
    }).catch(onError);
  };
  try {
    const password = randomBytes(18).toString('base64url');
    const key = await withDatabase(async (database) => {
      await createUser(database, name, password);
      const tier = TIERS.find((each) => each in service.limits.tiers);
      const expiresAt = new Date(Date.now() + KEY_LASTS_MS);
      const created = await createApiKey(database, { owner: name, name: 'drill', expiresAt, ...(tier && { tier }) });
      keyId = created.id;
      return created.key;
    });
    const body = { username: name, password };
    const { token } = await askJson<{ readonly token: string }>(`${origin}/login`, { body });
    return { credentials: { key, session: token }, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
