import { spawn } from 'node:child_process';
import { findFreePort } from '../../../service/store/free-port.ts';
import { Redis } from 'ioredis';
import { eventually } from '../../support/eventually.ts';

/** A Redis on the second core. */
export async function startBenchRedis(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const port = await findFreePort();
  const args = ['-c', '1', 'redis-server', '--port', String(port), '--bind', '127.0.0.1', '--save', ''];
  const child = spawn('taskset', args, { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const probe = new Redis({ port, lazyConnect: true, retryStrategy: () => null });
  probe.on('error', () => undefined);
  await eventually(async () => {
    if (probe.status !== 'ready') await probe.connect();
    await probe.ping();
  });
  probe.disconnect();
  return {
    url: `redis://127.0.0.1:${port}/0`,
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
