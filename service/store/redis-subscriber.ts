import { Cluster, Redis } from 'ioredis';
import { optionsOf } from './internal/redis-options.ts';
import type { RedisConnection, RedisSettings } from './redis.ts';

/** Settings of a connection that listens. */
export type RedisSubscriberSettings = Pick<RedisSettings, 'address' | 'commandTimeoutMs'> & {
  /** The connection for commands; that of a cluster knows its nodes. */
  readonly redis: RedisConnection;
};

/**
 * A connection that listens: it can do nothing else. In a cluster every node passes on every message, so that it
 * listens to any one, and goes to another when that one is lost or leaves; `ready` tells of each new connection, before
 * which messages may have been missed.
 */
export function connectSubscriber({ address, commandTimeoutMs, redis }: RedisSubscriberSettings): Redis {
  const inCluster = redis instanceof Cluster;
  const options = {
    ...optionsOf({ ...address, db: inCluster ? 0 : address.db }),
    commandTimeout: commandTimeoutMs,
  };
  const retryStrategy = (attempt: number): number => {
    // ioredis reads the address from its options with each attempt.
    if (inCluster) Object.assign(subscriber.options, anyNodeOf(redis) ?? { host: address.host, port: address.port });
    return options.retryStrategy(attempt);
  };
  const subscriber = new Redis({ ...options, retryStrategy });
  // The connection for commands has the same faults and tells of them.
  subscriber.on('error', () => undefined);
  if (inCluster)
    redis.on('-node', ({ options: { host, port } }: Redis) => {
      const here = subscriber.options;
      if (subscriber.status === 'ready' && host === here.host && port === here.port) subscriber.disconnect(true);
    });
  return subscriber;
}

function anyNodeOf(cluster: Cluster): { readonly host: string; readonly port: number } | undefined {
  const nodes = cluster.nodes().filter(({ status }) => status === 'ready');
  const { host, port } = nodes[Math.floor(Math.random() * nodes.length)]?.options ?? {};
  return host === undefined || port === undefined ? undefined : { host, port };
}
