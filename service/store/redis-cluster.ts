import { Cluster, type Command, type Redis } from 'ioredis';
import {
  accessOf,
  CONNECT_TIMEOUT_MS,
  endInTime,
  onlyChanges,
  retryDelayMs,
  type RedisSettings,
} from './internal/redis-options.ts';

type ClusterSettings = Omit<RedisSettings, 'cluster'>;

/** The longest that one node is waited for when it is asked which node has which keys. */
const SLOTS_TIMEOUT_MS = 1_000;
/** So often that is asked, though no node says that keys have moved: a frozen one says nothing. */
const SLOTS_INTERVAL_MS = 5_000;
/** Commands that find keys moved have it asked no sooner again. */
const SLOTS_PAUSE_MS = 100;
/** A node that owes an answer for so long is connected to anew; until it answers, commands for it fail at once. */
const SILENCE_MS = 1_000;
/** Nodes that a command is sent to at most, one after the other, within its timeout. */
const REDIRECTIONS = 6;
const TRY_AGAIN_MS = 10;

/**
 * Connections to all nodes of a Redis Cluster that never make a request wait, like one connection to a Redis. The
 * cluster is told to be down while a node that has keys is not connected, and up when all are; a command for another
 * node succeeds meanwhile.
 */
export function connectCluster({ onStateChange, ...settings }: ClusterSettings): Cluster {
  const cluster = new BoundedCluster(settings);
  watch(cluster, onlyChanges(onStateChange));
  return cluster;
}

/**
 * Each command has one timeout for all nodes that it is sent to. It is not ioredis's `commandTimeout` of the nodes,
 * because that would also end, before they are connected, the connections that ask for the cluster's nodes.
 */
class BoundedCluster extends Cluster {
  readonly #commandTimeoutMs: number;
  #refreshedAt = -Infinity;

  constructor({ address, commandTimeoutMs }: Omit<ClusterSettings, 'onStateChange'>) {
    super([{ host: address.host, port: address.port }], {
      enableOfflineQueue: false,
      enableAutoPipelining: false,
      slotsRefreshTimeout: SLOTS_TIMEOUT_MS,
      slotsRefreshInterval: SLOTS_INTERVAL_MS,
      clusterRetryStrategy: retryDelayMs,
      maxRedirections: REDIRECTIONS,
      // Whoever asks has no time for a failover: he is answered at once.
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
      retryDelayOnTryAgain: TRY_AGAIN_MS,
      redisOptions: {
        connectTimeout: CONNECT_TIMEOUT_MS,
        socketTimeout: SILENCE_MS,
        maxRetriesPerRequest: 0,
        ...accessOf(address),
      },
    });
    this.#commandTimeoutMs = commandTimeoutMs;
  }

  override sendCommand(command: Command, ...to: [stream?: never, node?: unknown]): unknown {
    endInTime(command, command.name === 'cluster' ? SLOTS_TIMEOUT_MS : this.#commandTimeoutMs);
    return super.sendCommand(command, ...to);
  }

  /** Each command for a node that is gone would have ioredis ask again; whoever waits for the answer gets one. */
  override refreshSlotsCache(callback?: (error?: Error | null) => void): void {
    const time = performance.now();
    if (!callback && time - this.#refreshedAt < SLOTS_PAUSE_MS) return;
    this.#refreshedAt = time;
    super.refreshSlotsCache(callback);
  }
}

function watch(cluster: Cluster, change: RedisSettings['onStateChange']): void {
  const lost = new Set<string>();
  let reason: Error | undefined;
  const tell = (): void => change(cluster.status === 'ready' && lost.size === 0 ? 'up' : 'down', reason);
  cluster.on('error', (error: Error & { readonly lastNodeError?: Error }) => {
    reason = error.lastNodeError ?? error;
    tell();
  });
  cluster.on('ready', () => {
    // Not earlier: ioredis asks any node whether the cluster is ready, and one that is being connected refuses.
    cluster.nodes().forEach(connectNow);
    tell();
  });
  cluster.on('close', tell);
  cluster.on('refresh', () => {
    const known = new Set(cluster.nodes('master').map(nameOf));
    for (const node of lost) if (!known.has(node)) lost.delete(node);
    if (cluster.status === 'ready') tell();
  });
  cluster.on('+node', (node: Redis) => {
    let failure = 'connection closed';
    node.on('error', ({ message }: Error) => (failure = message));
    node.on('ready', () => {
      lost.delete(nameOf(node));
      if (cluster.status === 'ready') tell();
    });
    node.on('close', () => {
      // One that the cluster has given up is no longer among them.
      if (!cluster.nodes('master').includes(node)) return;
      lost.add(nameOf(node));
      reason = new Error(`node ${nameOf(node)}: ${failure}`);
      tell();
    });
    // A command that led to it is still queued; the next find it connected, or are refused at once.
    process.nextTick(() => {
      if (cluster.status === 'ready') connectNow(node);
    });
  });
}

function connectNow(node: Redis): void {
  // Its failure is what `error` and `close` tell.
  if (node.status === 'wait') node.connect().catch(() => undefined);
}

function nameOf({ options: { host, port } }: Redis): string {
  return `${host ?? ''}:${port ?? ''}`;
}
