import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findFreePort } from '../../service/store/free-port.ts';
import { eventually } from './eventually.ts';

/** A real Redis of a test's own. */
export type TestRedis = {
  readonly port: number;
  readonly password: string;
  /** Stops answering without closing a connection (SIGSTOP), and goes on (SIGCONT). */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
};

/** Why there is no Redis to test with; undefined when there is one. With CI=true its absence is an error. */
export function redisMissing(): string | undefined {
  if (spawnSync('redis-server', ['--version']).status === 0) return undefined;
  if (process.env.CI === 'true') throw new Error('redis-server is not on PATH; install the package redis-server');
  return 'redis-server is not on PATH; install the package redis-server to run this';
}

/** Starts a Redis with a password on a free port of the loopback address, without persistence. */
export async function startRedis(): Promise<TestRedis> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-redis-'));
  const port = await findFreePort();
  const password = 'test-password';
  const child = spawn(
    'redis-server',
    [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--requirepass',
      password,
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      directory,
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const probe = new Redis({ port, password, lazyConnect: true, retryStrategy: () => null });
  probe.on('error', () => undefined);
  await eventually(async () => {
    if (probe.status !== 'ready') await probe.connect();
    await probe.ping();
  });
  probe.disconnect();
  return {
    port,
    password,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async stop() {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
