import {
  scrapeIntervalOf,
  storeExportersOf,
  REDIS_ROLES,
  REDIS_STORES,
  toBytes,
  toSeconds,
  type RedisRole,
  type Service,
} from '../service/definition/index.ts';
import { METRICS, select, selectExported } from '../service/telemetry/catalogue.ts';
import { THRESHOLDS } from '../service/telemetry/thresholds.ts';

const WINDOW = '5m';

/** The least for which the last word of an exporter counts. */
const LAST_WORD_SECONDS = 60;

/** A Redis does not answer its exporter, or so few of its servers do that what is left takes no write. */
export function redisDown(service: Service): string {
  return REDIS_ROLES.map((role) => `${answering(role, service)} < ${serversOf(role, service).needed}`).join(' or ');
}

/** A server of the replicated Redis does not answer its exporter, and the others are enough. */
export function redisReplicaDown(service: Service): string {
  const { all, needed } = serversOf('state', service);
  return `${answering('state', service)} < ${all} >= ${needed}`;
}

/** Servers that answer. */
function answering(role: RedisRole, service: Service): string {
  return `sum by (namespace, store) (${lastWord(METRICS.redisUp, service, { store: REDIS_STORES[role] })})`;
}

/** How many there are, and how many of them it takes: a primary that no replica follows refuses to write. */
function serversOf(role: RedisRole, { stores: { redis } }: Service): { readonly all: number; readonly needed: number } {
  return role === 'state' && redis.kind === 'replicated' ? { all: redis.replicas, needed: 2 } : { all: 1, needed: 1 };
}

/** Postgres does not answer its exporter. */
export function postgresDown(service: Service): string {
  return `min by (namespace) (${lastWord(METRICS.postgresUp, service)}) == 0`;
}

/**
 * What an exporter said last. One that is slow because its store is away misses a scrape now and then, and an alert that
 * waits for a minute would begin to wait anew each time.
 */
function lastWord(
  metric: typeof METRICS.postgresUp | typeof METRICS.redisUp,
  service: Service,
  matchers: Readonly<Record<string, string>> = {},
): string {
  const seconds = Math.max(LAST_WORD_SECONDS, 3 * toSeconds(scrapeIntervalOf(metric.exporter, service)));
  return `last_over_time(${selectExported(service.namespace, metric, matchers)}[${seconds}s])`;
}

/** An exporter does not answer a scrape, or there is none to be scraped; every result carries the same labels. */
export function exporterDown(service: Service): string {
  const { namespace } = service;
  const exporters = storeExportersOf(service);
  const absent = exporters.map((job) => `absent(${select(METRICS.up, { job, namespace })})`);
  const all = select(METRICS.up, { job: `=~${exporters.join('|')}`, namespace });
  return [`min by (job, namespace) (${all}) == 0`, ...absent].join(' or ');
}

/** Limits and sessions fill nearly what Redis may hold of them; it evicts none, so it will refuse to write. */
export function redisStateNearlyFull({ namespace }: Service): string {
  const store = { store: REDIS_STORES.state };
  const used = selectExported(namespace, METRICS.redisMemoryUsed, store);
  return `max by (namespace, store) (${used} / ${selectExported(namespace, METRICS.redisMemoryMax, store)}) >= ${THRESHOLDS.redisMemoryUse}`;
}

/** Redis lets go limits or sessions to make room, which its configuration forbids. */
export function redisStateEvicted({ namespace }: Service): string {
  const evicted = selectExported(namespace, METRICS.redisEvictedKeys, { store: REDIS_STORES.state });
  return `sum by (namespace, store) (rate(${evicted}[${WINDOW}])) > 0`;
}

/** A Redis has nearly as many connections as it accepts, which its exporter may not ask: the definition says it. */
export function redisClientsNearLimit({ namespace, stores: { redis } }: Service): string {
  const nearLimit = (role: RedisRole): string => {
    const clients = selectExported(namespace, METRICS.redisClients, { store: REDIS_STORES[role] });
    return `max by (namespace, store) (${clients}) / ${redis[role].maxClients} >= ${THRESHOLDS.connectionUse}`;
  };
  return `${nearLimit('state')} or ${nearLimit('cache')}`;
}

/** Postgres has nearly as many connections as it accepts. */
export function postgresConnectionsNearLimit({ namespace }: Service): string {
  const open = selectExported(namespace, METRICS.postgresConnections);
  const most = selectExported(namespace, METRICS.postgresMaxConnections);
  return (
    `max by (namespace) (sum by (namespace, pod) (${open}) / sum by (namespace, pod) (${most})) ` +
    `>= ${THRESHOLDS.connectionUse}`
  );
}

/** Rows fill nearly the volume of Postgres. */
export function postgresNearlyFull({ namespace, datastores: { postgres } }: Service): string {
  const size = selectExported(namespace, METRICS.databaseSize);
  return `max by (namespace) (sum by (namespace, pod) (${size})) / ${toBytes(postgres.storage)} >= ${THRESHOLDS.volumeUse}`;
}

/** The last whole backup is older than it may be. */
export function postgresBackupOld({ namespace, datastores: { postgres } }: Service): string {
  const finished = selectExported(namespace, METRICS.backupFinished);
  return `time() - max by (namespace) (${finished}) > ${toSeconds(postgres.backup.maxAge)}`;
}
