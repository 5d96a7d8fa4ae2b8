import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster, Redis } from 'ioredis';
import { findFreePort } from '../../service/store/free-port.ts';
import type { RedisAddress } from '../../service/store/redis.ts';
import { eventually } from './eventually.ts';

/** A real Redis Cluster of a test's own. */
export type TestCluster = {
  readonly ports: readonly number[];
  /** The address of one node. */
  readonly seed: RedisAddress;
  /** A new connection; the caller disconnects it. */
  connect(): Cluster;
  /** Ends a node, and starts it again as it was, without its keys; of `ports` the one at `place`. */
  kill(place: number): Promise<void>;
  revive(place: number): Promise<void>;
  /** Stops a node from answering without closing a connection (SIGSTOP), and lets it go on (SIGCONT). */
  freeze(place: number): Promise<void>;
  thaw(place: number): Promise<void>;
  stop(): Promise<void>;
};

const SLOTS = 16_384;

/** Starts nodes without replicas on free ports of the loopback address, and shares the slots out among them. */
export async function startCluster(size = 3): Promise<TestCluster> {
  const nodes = await Promise.all(Array.from({ length: size }, startNode));
  const stop = async (): Promise<void> => {
    for (const { client } of nodes) client.disconnect();
    await Promise.all(nodes.map((node) => node.stop()));
  };
  try {
    const share = Math.ceil(SLOTS / size);
    for (const [place, { client }] of nodes.entries()) {
      await eventually(() => client.ping());
      await client.cluster('ADDSLOTSRANGE', place * share, Math.min(SLOTS, (place + 1) * share) - 1);
      await client.call('CLUSTER', 'SET-CONFIG-EPOCH', place + 1);
    }
    const [first, ...others] = nodes;
    for (const { port, busPort } of others) await first?.client.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort);
    for (const { client } of nodes)
      await eventually(async () => {
        if (!(await client.cluster('INFO')).includes('cluster_state:ok')) throw new Error('the cluster is not ready');
      });
  } catch (error) {
    await stop();
    throw error;
  }
  const at = (place: number) => {
    const node = nodes[place];
    if (!node) throw new Error(`the cluster has no node ${place}`);
    return node;
  };
  const ports = nodes.map(({ port }) => port);
  return {
    ports,
    seed: { host: '127.0.0.1', port: ports[0] ?? 0, db: 0, tls: false },
    connect: () => new Cluster(ports.map((port) => ({ host: '127.0.0.1', port }))),
    kill: (place) => at(place).kill(),
    revive: (place) => at(place).start(),
    freeze: (place) => at(place).signal('SIGSTOP'),
    thaw: (place) => at(place).signal('SIGCONT'),
    stop,
  };
}

async function startNode() {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-cluster-'));
  const port = await findFreePort();
  const busPort = await findFreePort();
  const settings = {
    port,
    'cluster-port': busPort,
    bind: '127.0.0.1',
    'cluster-enabled': 'yes',
    'cluster-config-file': join(directory, 'nodes.conf'),
    dir: directory,
    save: '',
    appendonly: 'no',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const start = () => {
    const child = spawn('redis-server', args, { stdio: 'ignore' });
    return { child, ended: new Promise((resolve) => child.once('exit', resolve)) };
  };
  let running = start();
  const kill = async (): Promise<void> => {
    running.child.kill('SIGKILL');
    await running.ended;
  };
  const client = new Redis({ port, retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  return {
    port,
    busPort,
    client,
    kill,
    start() {
      running = start();
      return Promise.resolve();
    },
    signal(name: 'SIGSTOP' | 'SIGCONT') {
      running.child.kill(name);
      return Promise.resolve();
    },
    async stop() {
      await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
