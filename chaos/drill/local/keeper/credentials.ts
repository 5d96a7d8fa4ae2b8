import { randomBytes } from 'node:crypto';
import { createApiKey, createUser } from '../../../../service/app/index.ts';
import type { Service } from '../../../../service/definition/index.ts';
import { migrate } from '../../../../service/store/migrate.ts';
import { createDatabase } from '../../../../service/store/postgres.ts';
import { askJson } from '../ask.ts';

/** Who the clients of a drill are. */
export type Client = { readonly key: string; readonly username: string; readonly password: string };

const NAME = 'drill';

/** Makes the tables of a database, and in them an API key and a user. */
export async function createClient(connectionString: string, { datastores }: Service): Promise<Client> {
  await migrate(connectionString, { log: () => undefined });
  const { acquireTimeout, statementTimeout } = datastores.postgres;
  const database = createDatabase({
    connectionString,
    pools: { critical: 1, background: 1 },
    acquireTimeout,
    statementTimeout,
    onError: () => undefined,
  });
  try {
    const password = randomBytes(18).toString('base64url');
    await createUser(database, NAME, password);
    const { key } = await createApiKey(database, { owner: NAME, name: NAME });
    return { key, username: NAME, password };
  } finally {
    await database.close();
  }
}

/** Logs in at a gateway; resolves with the token of the session. */
export async function logIn(origin: string, { username, password }: Client): Promise<string> {
  const { token } = await askJson<{ readonly token: string }>(`${origin}/login`, { body: { username, password } });
  return token;
}
