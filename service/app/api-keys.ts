import { createHash, randomBytes } from 'node:crypto';
import type { Database } from '../store/postgres.ts';

const KEY_BYTES = 32;

/** Makes a key for an owner; it is told once and kept only as a hash. `name` says what it is for. */
export async function createApiKey(database: Database, name: string, owner: string): Promise<{ key: string }> {
  const key = `slu_${randomBytes(KEY_BYTES).toString('base64url')}`;
  const hash = createHash('sha256').update(key).digest('hex');
  await database.query('critical', 'INSERT INTO api_keys (hash, name, owner) VALUES ($1, $2, $3)', [hash, name, owner]);
  return { key };
}

/** Owner of the key with this SHA-256 in hexadecimal; undefined when there is none or it is revoked. */
export async function findKeyOwner(
  database: Database,
  hash: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const text = 'SELECT owner FROM api_keys WHERE hash = $1 AND revoked_at IS NULL';
  const [key] = await database.query<{ owner: string }>('critical', text, [hash], signal);
  return key?.owner;
}
