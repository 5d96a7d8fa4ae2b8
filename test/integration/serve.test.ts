import { execFileSync, spawnSync } from 'node:child_process';
import { utimesSync } from 'node:fs';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { ask } from '../support/gateway.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { PROJECT, runSluice, startServe, type Served } from '../support/serve.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const body = (value: unknown): string => JSON.stringify(value);
const parse = (text: string) => JSON.parse(text) as Record<string, never>;

describe('npm start', () => {
  let served: Served;
  let key = '';
  let password = '';
  beforeAll(async () => {
    served = await startServe();
    key = /Demo key: (\S+)/.exec(served.output())?.[1] ?? '';
    password = /password (\S+)\. Demo key/.exec(served.output())?.[1] ?? '';
  });
  afterAll(async () => {
    await served.stop();
  });
  const authorized = () => ({ ...JSON_TYPE, authorization: `Bearer ${key}` });

  test('a search is a MISS, then a HIT on another connection, and ranks real text', async () => {
    const path = '/v1/search?q=rate+limit';
    const first = await ask(served.port, 'GET', path);
    expect(first.status).toBe(200);
    expect(first.headers['x-cache']).toBe('MISS');
    const { results } = parse(first.text) as unknown as { results: { package: string; score: number }[] };
    expect(results.length).toBeGreaterThan(0);
    expect(results.map(({ score }) => score)).toEqual(results.map(({ score }) => score).sort((a, b) => b - a));
    for (let again = 0; again < 4; again++)
      expect((await ask(served.port, 'GET', path)).headers['x-cache']).toBe('HIT');
  });

  test('a user logs in, reads the session and ends it', async () => {
    const wrong = await ask(served.port, 'POST', '/login', JSON_TYPE, body({ username: 'demo', password: 'wrong' }));
    expect(wrong.status).toBe(401);
    const login = await ask(served.port, 'POST', '/login', JSON_TYPE, body({ username: 'demo', password }));
    expect(login.status).toBe(200);
    const session = { authorization: `Bearer ${String(parse(login.text).token)}` };
    for (let connection = 0; connection < 4; connection++) {
      expect((await ask(served.port, 'GET', '/session', session)).status).toBe(200);
    }
    expect((await ask(served.port, 'DELETE', '/session', session)).status).toBe(204);
    expect((await ask(served.port, 'GET', '/session', session)).status).toBe(401);
  });

  test('an order is kept, and made once for one Idempotency-Key', async () => {
    const headers = { ...authorized(), 'idempotency-key': 'one' };
    const order = body({ item: 'tea', quantity: 2 });
    const created = await ask(served.port, 'POST', '/create-order', headers, order);
    expect(created.status).toBe(201);
    const again = await ask(served.port, 'POST', '/create-order', headers, order);
    expect(parse(again.text).id).toBe(parse(created.text).id);
    const read = await ask(served.port, 'GET', `/orders/${String(parse(created.text).id)}`, authorized());
    expect(parse(read.text)).toMatchObject({ item: 'tea', quantity: 2 });
  });

  test('log lines come back', async () => {
    expect(
      (await ask(served.port, 'POST', '/logs', authorized(), body([{ level: 'info', message: 'hello there' }]))).status,
    ).toBeLessThan(300);
    expect((await ask(served.port, 'GET', '/logs?contains=hello', authorized())).text).toContain('hello there');
  });

  test('a chat answers whole, and as a stream that ends with [DONE]', async () => {
    const message = { model: 'sample', messages: [{ role: 'user', content: 'What is a rate limit?' }] };
    const whole = await ask(served.port, 'POST', '/v1/chat/completions', JSON_TYPE, body(message));
    expect(parse(whole.text)).toMatchObject({ object: 'chat.completion' });
    const stream = await ask(
      served.port,
      'POST',
      '/v1/chat/completions',
      JSON_TYPE,
      body({ ...message, stream: true }),
    );
    expect(stream.headers['content-type']).toContain('text/event-stream');
    expect(stream.text.trimEnd().split('\n\n').at(-1)).toBe('data: [DONE]');
  });

  test('the 31st search of a minute is denied, over all workers', async () => {
    const statuses: number[] = [];
    for (let request = 0; request < 40; request++)
      statuses.push((await ask(served.port, 'GET', `/v1/search?q=limit`)).status);
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(30);
    expect(statuses.at(-1)).toBe(429);
  });

  test('metrics are what promtool accepts, and count what was asked', async () => {
    const { text } = await eventually(async () => {
      const metrics = await ask(served.opsPort, 'GET', '/metrics');
      expect(metrics.text).toMatch(/^gateway_limit_decisions_total\{decision="denied"\} [1-9]/m);
      return metrics;
    });
    expect(text).toMatch(/^gateway_cache_lookups_total\{result="hit"\} [1-9]/m);
    expect(text).toMatch(/^gateway_workers [1-9]/m);
    if (spawnSync('promtool', ['--version']).status !== 0) {
      if (process.env.CI === 'true') throw new Error('promtool is not on PATH; install the package prometheus');
      console.warn('skipped: promtool check metrics: promtool is not on PATH');
      return;
    }
    expect(execFileSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })).toBe('');
  });

  test('health tells what each dependency does', async () => {
    expect((await ask(served.opsPort, 'GET', '/livez')).status).toBe(200);
    expect((await ask(served.opsPort, 'GET', '/readyz')).status).toBe(200);
    expect(parse((await ask(served.opsPort, 'GET', '/healthz')).text)).toEqual({
      ready: true,
      dependencies: { postgres: 'up', redis: 'unused', 'redis-cache': 'unused' },
    });
  });

  test('a worker that is killed is replaced, and no count is lost', async () => {
    const hits = async () =>
      Number(
        /^gateway_cache_lookups_total\{result="hit"\} (\d+)/m.exec(
          (await ask(served.opsPort, 'GET', '/metrics')).text,
        )?.[1],
      );
    const before = await hits();
    const gateway = execFileSync('pgrep', ['-P', String(served.pid), '-f', 'service/main.ts'], {
      encoding: 'utf8',
    }).trim();
    const [worker = ''] = execFileSync('pgrep', ['-P', gateway], { encoding: 'utf8' }).trim().split('\n');
    process.kill(Number(worker), 'SIGKILL');
    await eventually(async () =>
      expect((await ask(served.opsPort, 'GET', '/metrics')).text).toMatch(/^gateway_worker_restarts_total 1/m),
    );
    await eventually(async () => expect((await ask(served.opsPort, 'GET', '/readyz')).status).toBe(200));
    expect((await ask(served.port, 'GET', '/health')).status).toBe(200);
    expect(await hits()).toBeGreaterThanOrEqual(before);
  });

  test('Ctrl-C ends it and everything it started', async () => {
    const own = await startServe();
    const children = execFileSync('pgrep', ['-P', String(own.pid)], { encoding: 'utf8' })
      .trim()
      .split('\n');
    expect(children.length).toBeGreaterThanOrEqual(3);
    expect(await own.stop()).toBe(0);
    for (const pid of children) expect(() => process.kill(Number(pid), 0)).toThrow();
  });
});

describe('sluice serve', () => {
  test('in front of another origin passes requests on', async () => {
    const origin = createServer((request, response) => response.end(`origin saw ${request.url ?? ''}`));
    await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
    const { port } = origin.address() as { port: number };
    const served = await startServe(['--proxy', `http://127.0.0.1:${port}`, '--no-limits']);
    try {
      expect((await ask(served.port, 'GET', '/any/path?x=1')).text).toBe('origin saw /any/path?x=1');
      const statuses = await Promise.all(
        Array.from({ length: 150 }, async () => (await ask(served.port, 'GET', '/')).status),
      );
      expect(new Set(statuses)).toEqual(new Set([200]));
    } finally {
      await served.stop();
      origin.close();
    }
  });

  const withRedis = redisMissing() === undefined ? test : test.skip;
  withRedis('with Redis shares sessions and limits there, and goes on without it', async () => {
    const redis = await startRedis();
    const served = await startServe([], { REDIS_URL: `redis://:${redis.password}@127.0.0.1:${redis.port}` });
    try {
      const search = () => ask(served.port, 'GET', '/v1/search?q=redis');
      expect((await search()).headers['x-cache']).toBe('MISS');
      expect((await search()).headers['x-cache']).toBe('HIT');
      expect(parse((await ask(served.opsPort, 'GET', '/healthz')).text)).toMatchObject({
        dependencies: { redis: 'up' },
      });
      redis.freeze();
      expect((await search()).status).toBe(200);
      const password = /password (\S+)\. Demo key/.exec(served.output())?.[1];
      const login = await ask(served.port, 'POST', '/login', JSON_TYPE, body({ username: 'demo', password }));
      expect(login.status).toBe(503);
      expect(parse(login.text)).toMatchObject({ code: 'store-unavailable' });
    } finally {
      await served.stop();
      await redis.stop();
    }
  });

  test('with a Postgres that cannot be reached serves what needs none, and says so once', async () => {
    const served = await startServe([], { DATABASE_URL: 'postgres://nobody:hidden@127.0.0.1:1/none' });
    try {
      expect((await ask(served.port, 'GET', '/v1/search?q=x')).status).toBe(200);
      const order = await ask(
        served.port,
        'POST',
        '/create-order',
        { ...JSON_TYPE, 'x-api-key': `slu_${'x'.repeat(43)}` },
        '{}',
      );
      expect(order.status).toBe(503);
      expect(served.output().match(/postgres at 127\.0\.0\.1:1 is not ready/g)).toHaveLength(1);
      expect(served.output()).not.toContain('hidden');
    } finally {
      await served.stop();
    }
  });

  test('with --watch starts the gateway anew after a change, and ends the old one', async () => {
    const served = await startServe(['--watch']);
    const gatewayPid = () =>
      execFileSync('pgrep', ['-P', String(served.pid), '-f', 'service/main.ts'], { encoding: 'utf8' }).trim();
    try {
      const before = gatewayPid();
      const now = new Date();
      utimesSync(`${PROJECT}service/main.ts`, now, now);
      await eventually(() => expect(gatewayPid()).not.toBe(before), 30_000);
      expect(gatewayPid().split('\n')).toHaveLength(1);
      await eventually(async () => expect((await ask(served.port, 'GET', '/v1/search?q=x')).status).toBe(200), 30_000);
    } finally {
      await served.stop();
    }
  });

  test('on a port in use says which and what to do', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    const { code, stderr } = runSluice(['serve', '--port', String(port)]);
    taken.close();
    expect(code).toBe(69);
    expect(stderr).toContain(`port ${port} is in use; stop what uses it, or choose another with --port`);
    expect(stderr).not.toMatch(/ at .*:\d+:\d+/);
  });
});
