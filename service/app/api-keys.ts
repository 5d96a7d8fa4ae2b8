import { createHash, randomBytes } from 'node:crypto';
import type { Database } from '../store/postgres.ts';

/** What keys are kept in. */
export type KeyTable = Pick<Database, 'query'>;

/** What a new key is to be. */
export type NewApiKey = {
  readonly owner: string;
  /** What it is for. */
  readonly name: string;
  /** A tier of the definition; absent: the limits of every key. */
  readonly tier?: string;
  /** From when on it is worth nothing; absent: only when it is revoked. */
  readonly expiresAt?: Date;
};

/** A key as people see it. */
export type ApiKey = NewApiKey & {
  /** What names it: the first eight characters of its hash. */
  readonly id: string;
  readonly createdAt: Date;
  readonly revokedAt?: Date;
};

type KeyRow = {
  readonly id: string;
  readonly owner: string;
  readonly name: string;
  readonly tier: string | null;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
};

const KEY_BYTES = 32;
/** As the index of the table has it. */
const ID = 'left(hash, 8)';
const COLUMNS = `${ID} AS id, owner, name, tier, created_at, expires_at, revoked_at`;

/** Makes a key; it is told once and kept only as a hash. */
export async function createApiKey(
  table: KeyTable,
  { owner, name, tier, expiresAt }: NewApiKey,
): Promise<{ key: string; id: string }> {
  for (;;) {
    const key = `slu_${randomBytes(KEY_BYTES).toString('base64url')}`;
    const hash = createHash('sha256').update(key).digest('hex');
    const [created] = await table.query<{ id: string }>(
      'critical',
      `INSERT INTO api_keys (hash, name, owner, tier, expires_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT DO NOTHING RETURNING ${ID} AS id`,
      [hash, name, owner, tier ?? null, expiresAt ?? null],
    );
    // One in billions has the id of another.
    if (created) return { key, id: created.id };
  }
}

/**
 * Who holds the key with this SHA-256 in hexadecimal, the tier, and when it expires; undefined when there is none, or it
 * is revoked or has expired.
 */
export async function findKey(
  table: KeyTable,
  hash: string,
  signal?: AbortSignal,
): Promise<{ owner: string; tier?: string; expiresAt?: Date } | undefined> {
  const text = `SELECT owner, tier, expires_at FROM api_keys
                WHERE hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`;
  const [key] = await table.query<Pick<KeyRow, 'owner' | 'tier' | 'expires_at'>>('critical', text, [hash], signal);
  return (
    key && {
      owner: key.owner,
      ...(key.tier === null ? {} : { tier: key.tier }),
      ...(key.expires_at === null ? {} : { expiresAt: key.expires_at }),
    }
  );
}

/** Every key that there ever was, the newest first. */
export async function listApiKeys(table: KeyTable): Promise<readonly ApiKey[]> {
  const text = `SELECT ${COLUMNS} FROM api_keys ORDER BY created_at DESC, hash`;
  return (await table.query<KeyRow>('critical', text, [])).map(describe);
}

/** Revokes the key with this id; one that was revoked before keeps the time of that. Undefined when there is none. */
export async function revokeApiKey(table: KeyTable, id: string): Promise<ApiKey | undefined> {
  const text = `UPDATE api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE ${ID} = $1 RETURNING ${COLUMNS}`;
  const [revoked] = await table.query<KeyRow>('critical', text, [id]);
  return revoked && describe(revoked);
}

function describe({ id, owner, name, tier, created_at, expires_at, revoked_at }: KeyRow): ApiKey {
  return {
    id,
    owner,
    name,
    createdAt: created_at,
    ...(tier === null ? {} : { tier }),
    ...(expires_at === null ? {} : { expiresAt: expires_at }),
    ...(revoked_at === null ? {} : { revokedAt: revoked_at }),
  };
}
