import type { Cluster } from 'node:cluster';

/** What node:cluster sends to a worker: a connection to be accepted has a number, and its answer names it. */
type ClusterMessage = { readonly cmd?: string; readonly act?: string; readonly seq?: number; readonly ack?: number };
type Connection = { close(): void };

/**
 * Closes the connections that a worker was handed and had not accepted when it died. node:cluster itself keeps them
 * open for good, so that their clients would wait for an answer that nobody works on; a closed one is tried again.
 * It reads the internal messages of node:cluster, since nothing documented tells of such a connection.
 */
export function closeOrphanedConnections(cluster: Cluster): void {
  cluster.on('fork', (worker) => {
    const handed = new Map<number, Connection>();
    const { process: child } = worker;
    const send = child.send.bind(child) as (...values: readonly unknown[]) => boolean;
    child.send = (...values: readonly unknown[]) => {
      const [{ cmd, act, seq }, connection] = values as [ClusterMessage, Connection | undefined];
      if (cmd !== 'NODE_CLUSTER' || act !== 'newconn' || seq === undefined || !connection) return send(...values);
      if (worker.isDead()) {
        connection.close();
        return false;
      }
      handed.set(seq, connection);
      return send(...values);
    };
    child.on('internalMessage', ({ ack }: ClusterMessage) => {
      if (ack !== undefined) handed.delete(ack);
    });
    // Not its disconnection: that of one which died in the middle of a message is never told.
    worker.on('exit', () => {
      for (const connection of handed.values()) connection.close();
      handed.clear();
    });
  });
}
