import { fork, type ChildProcess } from 'node:child_process';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createLocalStores } from '../../service/gateway/processes/local-stores.ts';
import type { PrimaryMessage, WorkerMessage } from '../../service/gateway/processes/messages.ts';
import { eventually } from '../support/eventually.ts';
import { redisMissing, startRedis, type TestRedis } from '../support/redis.ts';
import type { StampedeMessage, StampedeOptions } from './stampede-process.ts';

const PROCESSES = 4;
/** For what the machine takes long for when it is busy: starting processes, and 5,000 promises. */
const PATIENCE_MS = 30_000;
const PROGRAM = join(import.meta.dirname, 'stampede-process.ts');
const missing = redisMissing();
if (missing !== undefined) console.warn(`skipped: a stampede over Redis: ${missing}`);

let redis: TestRedis | undefined;
beforeAll(async () => {
  if (missing === undefined) redis = await startRedis();
});
afterAll(() => redis?.stop());

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

type Answered = Extract<StampedeMessage, { type: 'answered' }>;

/** An origin that answers when the test says so, and processes that are ready to ask it. */
async function prepare(options: Pick<StampedeOptions, 'requests' | 'leaseMs' | 'redis'>) {
  const calls: { pid: number; response: ServerResponse }[] = [];
  const origin = createServer((request, response) =>
    calls.push({ pid: Number(request.headers['x-process']), response }),
  );
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    origin.close();
    origin.closeAllConnections();
  });
  const upstreamPort = (origin.address() as AddressInfo).port;
  const answered = new Map<number, Answered>();
  let [ready, asking] = [0, 0];
  const children: ChildProcess[] = [];
  const send = (child: ChildProcess, message: PrimaryMessage): void => {
    if (child.connected) child.send(message);
  };
  const stores = createLocalStores({
    trackedCallers: 1,
    maxBytes: 1 << 20,
    tellWorkers: (message) => children.forEach((child) => send(child, { type: 'cache', message })),
  });
  for (let index = 0; index < PROCESSES; index++) {
    const child = fork(PROGRAM, [JSON.stringify({ ...options, upstreamPort } satisfies StampedeOptions)], {
      serialization: 'advanced',
      execArgv: [],
    });
    children.push(child);
    closers.push(() => child.kill('SIGKILL'));
    child.on('message', (message: StampedeMessage | WorkerMessage) => {
      if (message.type === 'ready') ready++;
      else if (message.type === 'asking') asking++;
      else if (message.type === 'answered') answered.set(child.pid ?? 0, message);
      else if (message.type === 'calls')
        void Promise.all(message.calls.map(async ({ id, call }) => ({ id, answer: await stores(call) }))).then(
          (answers) => send(child, { type: 'answers', answers }),
        );
    });
  }
  await eventually(() => expect(ready).toBe(PROCESSES), PATIENCE_MS);
  const go = async (): Promise<void> => {
    children.forEach((child) => child.send({ type: 'go' }));
    await eventually(() => expect([asking, calls.length]).toEqual([PROCESSES, 1]), PATIENCE_MS);
  };
  return { calls, children, answered, go };
}

const sharing: readonly [name: string, redis: () => StampedeOptions['redis'], needsRedis: boolean][] = [
  ['the primary', () => undefined, false],
  ['Redis', () => redis && { port: redis.port, password: redis.password, prefix: `stampede${Math.random()}:` }, true],
];

describe.each(sharing)('four processes that share %s', (_name, where, needsRedis) => {
  const check = needsRedis && missing !== undefined ? test.skip : test;
  const place = (): Pick<StampedeOptions, 'redis'> => {
    const shared = where();
    return shared ? { redis: shared } : {};
  };

  check('ask the origin once for 5,000 misses of one key at the same time', async () => {
    const { calls, answered, go } = await prepare({ requests: 1_250, leaseMs: 20_000, ...place() });
    await go();
    calls[0]?.response.end('page');
    await eventually(() => expect(answered.size).toBe(PROCESSES), PATIENCE_MS);
    expect([...answered.values()].flatMap(({ bodies }) => bodies)).toEqual(Array(PROCESSES).fill('page'));
    expect(calls).toHaveLength(1);
  });

  check('ask it twice at most when the one that asks is killed, and wait not much longer than its lease', async () => {
    const leaseMs = 2_000;
    const { calls, children, answered, go } = await prepare({ requests: 100, leaseMs, ...place() });
    await go();
    children.find(({ pid }) => pid === calls[0]?.pid)?.kill('SIGKILL');
    await eventually(() => expect(calls).toHaveLength(2));
    calls[1]?.response.end('page');
    await eventually(() => expect(answered.size).toBe(PROCESSES - 1), PATIENCE_MS);
    expect(calls).toHaveLength(2);
    for (const { bodies, slowestMs } of answered.values()) {
      expect(bodies).toEqual(['page']);
      expect(slowestMs).toBeLessThan(leaseMs + 5_000);
    }
  });
});
