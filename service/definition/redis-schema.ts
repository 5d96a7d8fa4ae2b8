import { z } from 'zod';
import { bytes, count, duration, image, port, word } from './fields.ts';

const role = z.strictObject({
  /** Connections that are accepted: of gateways, and of the exporter, probes, replicas and Sentinels beside them. */
  maxClients: count,
  /** What the data may fill. */
  memory: bytes,
  /** What Redis does when its memory is full. */
  evictionPolicy: word('noeviction', 'allkeys-lru', 'allkeys-lfu', 'volatile-lru', 'volatile-lfu', 'volatile-ttl'),
});

/**
 * Redis in two roles, so that a cache that is full takes nothing from limits and sessions, nor a flood of them from it.
 */
export const redisSchema = z.strictObject({
  /**
   * `single`: one pod for each role; `replicated`: the state in several pods, of which Sentinels make another the
   * primary when one is lost, and the cache in one; `external`: servers that others run, of which the Secrets `redis`
   * and `redis-cache` tell the addresses (key `url`: `redis://`, `redis-sentinel://`, or by TLS `rediss` in its place).
   */
  kind: word('single', 'replicated', 'external'),
  image,
  /** Pods of the replicated state, the primary among them. */
  replicas: count.default(3),
  /** Sentinels of the replicated state; most of them must agree before another pod becomes the primary. */
  sentinels: count.default(3),
  /** The port of external servers, to which a NetworkPolicy lets the gateway. */
  externalPort: port.default(6379),
  /** The port of external Sentinels, where the address names them; absent: it names servers. */
  externalSentinelPort: port.optional(),
  /** Whether each role is a Redis Cluster, which is external: one script then touches the keys of one caller alone. */
  cluster: z.boolean().default(false),
  /** After which a command counts as failed. */
  commandTimeout: duration,
  /** Limits, leases of limits and sessions: promises, kept in an append-only file. */
  state: role.extend({
    /** The volume of the append-only file. */
    storage: bytes,
  }),
  /** Answers, who fetches them, and what of them is void: whatever is lost is fetched again, so nothing is on disk. */
  cache: role,
});

/** Which data a Redis holds. */
export const REDIS_ROLES = ['state', 'cache'] as const;

/** One of the two roles of Redis. */
export type RedisRole = (typeof REDIS_ROLES)[number];
