import { z } from 'zod';
import { amount, bytes, count, cron, duration, image } from './fields.ts';

/** Postgres, which holds orders, users and logs, and the gateway's connections to it. */
export const postgresSchema = z.strictObject({
  image,
  maxConnections: count,
  /** Connections kept for migrations, backups, exporters and people. */
  reserved: count,
  /** Connections of one pod by lane, shared out among its workers. */
  pools: z.strictObject({ critical: count, background: count }),
  /** Further connections that a pool may open under load, and closes again; shared out likewise. */
  overflow: z.strictObject({ critical: amount, background: amount }),
  /** The longest a query waits for a connection; a request's deadline may be shorter. */
  acquireTimeout: duration,
  /** After which a connection is replaced by a new one. */
  recycle: duration,
  /** The longest a statement may run. */
  statementTimeout: duration,
  memory: bytes,
  storage: bytes,
  backup: z.strictObject({
    /** When one is made, in UTC: minute, hour, day of month, month, day of week. */
    schedule: cron,
    /** How many are kept; the oldest go first. */
    keep: count,
    /** Of the volume that holds them. */
    storage: bytes,
  }),
});
