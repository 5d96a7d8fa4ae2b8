import { formatMebibytes, toBytes, type Bytes, type RedisRole, type Service } from '../../service/definition/index.ts';

/** What one container asks of its node, and what it must not exceed. */
export type Resources = {
  /** Thousandths of a core. The limit stops a runaway; it does not pace work. */
  readonly cpu: { readonly request: number; readonly limit: number };
  /** Requested and never exceeded: memory cannot be taken back from a process. */
  readonly memory: Bytes;
};

/** Disk of the node for each container: logs, and folders that are lost with the pod. 1 GiB holds several log files. */
export const LOCAL_DISK = { request: '128Mi', limit: '1Gi' } as const satisfies Readonly<Record<string, Bytes>>;

/** What a Sentinel keeps is a few lines; less than this many storage classes do not give. */
export const SENTINEL_STORAGE = '64Mi' satisfies Bytes;

/** What a container gets that says nothing of it, such as one started by hand; also the room kept for one such pod. */
export const UNSTATED: Resources = { cpu: { request: 100, limit: 500 }, memory: '256Mi' };

/**
 * What the containers of an environment ask for: the one place of these numbers. Charts write them into pods, the quota
 * and the table of costs add them up. Plain data without cdk8s, so that a check does not wait for the library.
 */
export const CONTAINERS = {
  // A core for each worker and one for the primary.
  gateway: ({ gateway }: Pick<Service, 'gateway'>): Resources => ({
    cpu: { request: Number.parseInt(gateway.cpuRequest, 10), limit: (gateway.workers + 1) * 1000 },
    memory: gateway.memory.limit,
  }),
  // The client of the API server alone takes about 100 MiB.
  guard: (): Resources => ({ cpu: { request: 50, limit: 500 }, memory: '256Mi' }),
  migration: (): Resources => ({ cpu: { request: 100, limit: 1000 }, memory: '256Mi' }),
  upstream: (): Resources => ({ cpu: { request: 100, limit: 1000 }, memory: '256Mi' }),
  // One core answers; a second one is for the process that rewrites the append-only file.
  redis: ({ stores }: Pick<Service, 'stores'>, role: RedisRole): Resources => ({
    cpu: { request: 100, limit: 2000 },
    // Beside the data: buffers of clients, and pages copied while the append-only file is rewritten.
    memory: formatMebibytes(toBytes(stores.redis[role].memory) * 1.5 + toBytes('64Mi')),
  }),
  redisSentinel: (): Resources => ({ cpu: { request: 20, limit: 500 }, memory: '64Mi' }),
  postgres: ({ datastores }: Pick<Service, 'datastores'>): Resources => ({
    cpu: { request: 100, limit: 2000 },
    memory: datastores.postgres.memory,
  }),
  postgresCluster: ({ datastores }: Pick<Service, 'datastores'>): Resources => ({
    cpu: { request: Number.parseInt(datastores.postgres.cluster.cpuRequest, 10), limit: 2000 },
    memory: datastores.postgres.memory,
  }),
  // It has one thread, and some kilobytes for each connection.
  postgresPooler: (): Resources => ({ cpu: { request: 100, limit: 1000 }, memory: '64Mi' }),
  postgresBackup: (): Resources => ({ cpu: { request: 100, limit: 1000 }, memory: '256Mi' }),
  exporter: (): Resources => ({ cpu: { request: 10, limit: 500 }, memory: '64Mi' }),
  prometheus: (): Resources => ({ cpu: { request: 50, limit: 1000 }, memory: '512Mi' }),
  alertmanager: (): Resources => ({ cpu: { request: 50, limit: 500 }, memory: '256Mi' }),
  grafana: (): Resources => ({ cpu: { request: 50, limit: 1000 }, memory: '512Mi' }),
  // It sends the load, keeps what became of each request, and draws the report.
  drill: (): Resources => ({ cpu: { request: 100, limit: 2000 }, memory: '512Mi' }),
  // Also of each fault proxy, which passes on whatever gateways say to a store.
  drillKeeper: (): Resources => ({ cpu: { request: 50, limit: 1000 }, memory: '256Mi' }),
} as const;
