import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findFreePort } from '../../service/store/free-port.ts';
import { parseRedisAddress, type RedisAddress } from '../../service/store/redis-address.ts';
import { eventually } from './eventually.ts';

/** Real Redis servers of a test's own with Sentinels that decide which of them is the primary. */
export type TestSentinels = {
  /** As the gateway is told it. */
  readonly url: string;
  readonly address: RedisAddress;
  /** Port of the server that most Sentinels call the primary. */
  primary(): Promise<number>;
  /** A connection to one server; the caller disconnects it. */
  connect(port: number): Redis;
  /** Asks a Sentinel to make another server the primary. */
  failOver(): Promise<void>;
  kill(port: number): Promise<void>;
  /** Starts a server again, empty, as what most Sentinels call it. */
  revive(port: number): Promise<void>;
  /** Stops a server from answering without closing a connection (SIGSTOP), and lets it go on (SIGCONT). */
  freeze(port: number): void;
  thaw(port: number): void;
  /** Ends the first of the Sentinels that the address names. */
  killSentinel(): Promise<void>;
  stop(): Promise<void>;
};

const GROUP = 'state';
const PASSWORD = 'test-password';
const SERVERS = 3;
const SENTINELS = 3;

/** What differs from one test to another. */
export type TestSentinelOptions = {
  /** After so many milliseconds without an answer a Sentinel calls a server lost. */
  readonly downAfterMs?: number;
};

/** Starts three servers and three Sentinels with a password on free ports of the loopback address. */
export async function startSentinels({ downAfterMs = 1_000 }: TestSentinelOptions = {}): Promise<TestSentinels> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-sentinel-'));
  const ports: number[] = [];
  // One after the other: two at once may find the same port free.
  while (ports.length < SERVERS + SENTINELS) ports.push(await findFreePort());
  const servers = ports.slice(0, SERVERS);
  const sentinels = ports.slice(SERVERS);
  const [first = 0] = servers;
  const running = new Map<number, ReturnType<typeof start>>();
  const run = (port: number, settings: readonly string[], ...options: string[]): void => {
    const file = join(directory, `${port}.conf`);
    writeFileSync(file, [`port ${port}`, 'bind 127.0.0.1', `requirepass ${PASSWORD}`, ...settings, ''].join('\n'));
    running.set(port, start([file, ...options]));
  };
  const runServer = (port: number, primary: number): void =>
    run(port, [
      ...['save ""', 'appendonly no', `dir ${directory}`, `dbfilename ${port}.rdb`],
      ...[`masterauth ${PASSWORD}`, 'min-replicas-to-write 1', 'min-replicas-max-lag 3', 'repl-diskless-sync-delay 0'],
      ...(port === primary ? [] : [`replicaof 127.0.0.1 ${primary}`]),
    ]);
  const runSentinel = (port: number): void =>
    run(
      port,
      [
        `sentinel monitor ${GROUP} 127.0.0.1 ${first} 2`,
        `sentinel auth-pass ${GROUP} ${PASSWORD}`,
        `sentinel sentinel-pass ${PASSWORD}`,
        `sentinel down-after-milliseconds ${GROUP} ${downAfterMs}`,
        `sentinel failover-timeout ${GROUP} 5000`,
      ],
      '--sentinel',
    );
  const connect = (port: number): Redis => {
    const redis = new Redis({ port, password: PASSWORD, retryStrategy: () => 50, maxRetriesPerRequest: null });
    redis.on('error', () => undefined);
    return redis;
  };
  const ask = async <T>(port: number, question: (redis: Redis) => Promise<T>): Promise<T> => {
    const redis = connect(port);
    try {
      return await question(redis);
    } finally {
      redis.disconnect();
    }
  };
  const alive = () => sentinels.filter((port) => running.has(port));
  const primary = async (): Promise<number> => {
    const answers = await Promise.all(
      alive().map((port) => ask(port, (redis) => redis.call('SENTINEL', 'get-master-addr-by-name', GROUP))),
    );
    const named = answers.map((answer) => Number((answer as string[] | null)?.[1]));
    const most = servers.find((port) => 2 * named.filter((each) => each === port).length > SENTINELS);
    if (most === undefined) throw new Error(`the Sentinels do not agree: ${named.join(', ')}`);
    return most;
  };
  const kill = async (port: number): Promise<void> => {
    const { child, ended } = running.get(port) ?? {};
    running.delete(port);
    child?.kill('SIGCONT');
    child?.kill('SIGKILL');
    await ended;
  };
  const stop = async (): Promise<void> => {
    for (const port of ports) await kill(port);
    rmSync(directory, { recursive: true, force: true });
  };
  /** Every server follows the primary, and each Sentinel knows all. */
  const whole = (): Promise<void> =>
    eventually(async () => {
      for (const port of alive()) {
        const info = await ask(port, (redis) => redis.info('sentinel'));
        if (!info.includes(`status=ok,`) || !info.includes(`slaves=${SERVERS - 1},sentinels=${alive().length}`))
          throw new Error(info);
      }
      const info = await ask(await primary(), (redis) => redis.info('replication'));
      if ((info.match(/state=online/g) ?? []).length < SERVERS - 1) throw new Error(info);
    }, 40_000);
  servers.forEach((port) => runServer(port, first));
  sentinels.forEach(runSentinel);
  try {
    await whole();
  } catch (error) {
    await stop();
    throw error;
  }
  const hosts = sentinels.map((port) => `127.0.0.1:${port}`).join(',');
  const url = `redis-sentinel://:${PASSWORD}@${hosts}/0#${GROUP}`;
  return {
    url,
    address: parseRedisAddress(url, { port: 0, db: 0 }),
    primary,
    connect,
    failOver: () =>
      eventually(async () => {
        const [port = 0] = alive();
        await ask(port, (redis) => redis.call('SENTINEL', 'FAILOVER', GROUP));
      }),
    kill,
    async revive(port) {
      if (!running.has(port)) runServer(port, await primary());
      await whole();
    },
    freeze: (port) => void running.get(port)?.child.kill('SIGSTOP'),
    thaw: (port) => void running.get(port)?.child.kill('SIGCONT'),
    killSentinel: () => kill(sentinels[0] ?? 0),
    stop,
  };
}

function start(args: readonly string[]) {
  const child = spawn('redis-server', args, { stdio: 'ignore' });
  return { child, ended: new Promise((resolve) => child.once('exit', resolve)) };
}
