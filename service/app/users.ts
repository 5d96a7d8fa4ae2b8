import type { Database } from '../store/postgres.ts';
import { hashPassword, NO_PASSWORD, verifyPassword } from './password.ts';
import { isStorable } from './text.ts';

/** Adds a user. Rejects with Postgres's error 23505 when the name is taken. */
export async function createUser(database: Database, username: string, password: string): Promise<void> {
  await database.query('critical', 'INSERT INTO users (username, password_hash) VALUES ($1, $2)', [
    username,
    await hashPassword(password),
  ]);
}

/** Gives a user another password; adds the user when there is none of this name. */
export async function setUserPassword(database: Database, username: string, password: string): Promise<void> {
  await database.query(
    'critical',
    `INSERT INTO users (username, password_hash) VALUES ($1, $2)
     ON CONFLICT (username) DO UPDATE SET password_hash = EXCLUDED.password_hash`,
    [username, await hashPassword(password)],
  );
}

/**
 * Whether a user of this name has this password. An unknown name takes as long as a wrong password. Rejects as
 * verifyPassword and the database do.
 */
export async function isUserPassword(
  database: Database,
  username: string,
  password: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const text = 'SELECT password_hash FROM users WHERE username = $1';
  const users = isStorable(username)
    ? await database.query<{ password_hash: string }>('critical', text, [username], signal)
    : [];
  return verifyPassword(password, users[0]?.password_hash ?? NO_PASSWORD, signal);
}
