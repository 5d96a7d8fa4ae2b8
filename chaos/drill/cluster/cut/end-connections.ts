import { Redis } from 'ioredis';
import pg from 'pg';
import type { CutSettings } from './settings.ts';

const ANSWER_LIMIT_MS = 5_000;

/** Has a store end the connections of everybody else who is known to it as we are; how many is not told. Rejects when it cannot. */
export async function endConnections({ kind, url }: CutSettings): Promise<void> {
  await (kind === 'redis' ? endOfRedis(url) : endOfPostgres(url));
}

async function endOfRedis(url: string): Promise<void> {
  const redis = new Redis(url, {
    connectTimeout: ANSWER_LIMIT_MS,
    commandTimeout: ANSWER_LIMIT_MS,
    retryStrategy: () => null,
    lazyConnect: true,
  });
  try {
    await redis.connect();
    await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  } finally {
    redis.disconnect();
  }
}

async function endOfPostgres(url: string): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: ANSWER_LIMIT_MS,
    query_timeout: ANSWER_LIMIT_MS,
  });
  try {
    await client.connect();
    await client.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()',
    );
  } finally {
    await client.end();
  }
}
