import { z } from 'zod';
import { amount, bytes, count, cpu, cron, duration, image, interval, label, port, text, word } from './fields.ts';

const lanes = z.strictObject({ critical: count, background: count });

const objectStore = z.strictObject({
  /** Where base backups and the write-ahead log go. */
  path: text<string>(
    /^s3:\/\/[a-z0-9][a-z0-9.-]+(\/[\w.-]+)*\/?$/,
    "a bucket and a path, such as 's3://backups/orders'",
  ),
  /** A store that is not Amazon's. */
  endpoint: text<string>(/^https?:\/\/[^/?#\s@]+$/, "an origin, such as 'https://minio.internal:9000'").optional(),
  /** The Secret with the keys ACCESS_KEY_ID and SECRET_ACCESS_KEY; whoever owns the bucket makes it. */
  secret: label,
  /** How far back the database can be restored to. */
  keep: text<string>(/^[1-9]\d*[dwm]$/, "days, weeks or months, such as '14d'"),
});

const cluster = z.strictObject({
  /** One primary, and replicas of which one takes its place. */
  instances: count.default(3),
  cpuRequest: cpu.default('500m'),
  /** Where the operator runs; it alone looks into the instances. */
  operatorNamespace: label.default('cnpg-system'),
  /** Where backups go; absent: none is made, and the replicas are all there is. */
  objectStore: objectStore.optional(),
});

const pooler = z.strictObject({
  /** One that has a shell and `pgbouncer`, 1.18 or later. */
  image: image.default('ghcr.io/cloudnative-pg/pgbouncer:1.25.1'),
  /** Pods of PgBouncer; all but one of them may be away. */
  replicas: count.default(2),
  /** Connections that one pod accepts from gateways. */
  maxClientConnections: count.default(500),
  /** Connections of one pod to Postgres by lane: none takes those of the other. */
  connections: z.strictObject({ critical: count.default(12), background: count.default(6) }).prefault({}),
  /**
   * After which a gateway replaces a connection to the pooler, in place of `recycle`. A pod of the pooler that stops
   * waits as long, so that every gateway has left it by itself.
   */
  recycle: interval.default('30s'),
});

/** Postgres, which holds orders, users and logs, and the gateway's connections to it. */
export const postgresSchema = z.strictObject({
  /**
   * `single`: one pod with a volume; `external`: a server that others run, of which the Secret `postgres` tells the
   * address (key `url`); `cloudnativepg`: a primary and replicas that the CloudNativePG operator runs.
   */
  kind: word('single', 'external', 'cloudnativepg').default('single'),
  /** Of the server; with `cloudnativepg` one of the operator's own images. */
  image,
  /** The port of an external server, to which a NetworkPolicy lets the gateway. */
  externalPort: port.default(5432),
  /**
   * What an external server's certificate is held against: `system`, the authorities that everyone knows; `secret`,
   * those in key `ca.crt` of the Secret `postgres`; `url`, what `sslmode` in the address says, and nothing without it.
   */
  externalTls: word('system', 'secret', 'url').default('system'),
  /** The instances of `cloudnativepg`. */
  cluster: cluster.prefault({}),
  /** PgBouncer between gateways and Postgres, which lends its connections by transaction; absent: there is none. */
  pooler: pooler.optional(),
  maxConnections: count,
  /**
   * Connections kept for others than requests: one of the migration's Job and one of a Job that is tried again, those
   * of backups, exporters, drills and people, and every 30 s, for a moment, one of each gateway, which says that its
   * version runs.
   */
  reserved: count,
  /** Connections of one pod by lane, shared out among its workers. */
  pools: lanes,
  /** Further connections that a pool may open under load, and closes again; shared out likewise. */
  overflow: z.strictObject({ critical: amount, background: amount }),
  /** The longest a query waits for a connection; a request's deadline may be shorter. */
  acquireTimeout: duration,
  /** After which a connection is replaced by a new one. */
  recycle: duration,
  /** The longest a statement may run. */
  statementTimeout: duration,
  /**
   * How long an API key is believed that Postgres knew, while it cannot be asked; `0s`: not at all. One that is revoked
   * in an outage of Postgres, by whatever way, counts until it answers again, and no longer than this.
   */
  keysBelievedFor: duration.default('15m'),
  memory: bytes,
  storage: bytes,
  backup: z.strictObject({
    /** When one is made, in UTC: minute, hour, day of month, month, day of week. */
    schedule: cron,
    /** How old the last one may become before somebody is told: longer than two are apart. */
    maxAge: interval.default('26h'),
    /** How many are kept; the oldest go first. */
    keep: count,
    /** Of the volume that holds them. */
    storage: bytes,
  }),
});

/** What an absent pooler would be. */
export const DEFAULT_POOLER = Object.freeze(pooler.parse({}));

/** PgBouncer in front of Postgres. */
export type PoolerSettings = z.output<typeof pooler>;
