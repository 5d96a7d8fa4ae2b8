import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster, Redis } from 'ioredis';
import { findFreePort } from '../../../service/store/free-port.ts';
import { eventually } from '../../support/eventually.ts';

/** A real Redis Cluster of a test's own. */
export type TestCluster = {
  readonly ports: readonly number[];
  /** A new connection; the caller disconnects it. */
  connect(): Cluster;
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
  const ports = nodes.map(({ port }) => port);
  return {
    ports,
    connect: () => new Cluster(ports.map((port) => ({ host: '127.0.0.1', port }))),
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
  const child = spawn(
    'redis-server',
    Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
    { stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const client = new Redis({ port, retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  return {
    port,
    busPort,
    client,
    async stop() {
      child.kill('SIGKILL');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
