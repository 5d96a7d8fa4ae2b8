import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import { DEADLINE_HEADER } from '../../../service/gateway/upstream/index.ts';
import { eventually } from '../../support/eventually.ts';
import { answer } from '../origin.ts';
import { GET, POST, TestUpstreams } from './client.ts';
import { recordingBreaker } from './recording-breaker.ts';

const upstreams = new TestUpstreams();
afterEach(() => upstreams.closeAll());

const unavailable = answer('busy', 'HTTP/1.1 503 Service Unavailable');

describe('a request', () => {
  test('brings status, headers and body', async () => {
    const { client } = await upstreams.start((socket) =>
      socket.end(answer('body', 'HTTP/1.1 201 Created', ['X-One: 1', 'Set-Cookie: a=1', 'Set-Cookie: b=2'])),
    );
    const response = await client.fetch({ ...GET, path: '/a?b=c' });
    expect(response.status).toBe(201);
    expect(response.headers).toMatchObject({ 'x-one': '1', 'set-cookie': 'a=1, b=2' });
    expect(response.fields['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(String(await response.body.collect(100))).toBe('body');
  });

  test('tells the upstream how long it waits, anew with each attempt', async () => {
    const { client, origin } = await upstreams.start(
      (socket, _head, nth) => socket.write(nth === 0 ? unavailable : answer()),
      ['upstream.attemptTimeout=9s', 'upstream.budget=20s'],
    );
    await client.fetch({ ...GET, timeoutMs: 5_000 });
    await client.fetch(POST);
    const told = origin.heads.map((head) => Number(new RegExp(`${DEADLINE_HEADER}: (\\d+)`).exec(head)?.[1]));
    expect(told).toHaveLength(3);
    const [first = 0, second = 0, third = 0] = told;
    expect(first).toBeLessThanOrEqual(5_000);
    expect(first).toBeGreaterThan(4_000);
    expect(second).toBeLessThan(first);
    // What is tried once has the whole budget.
    expect(third).toBeGreaterThan(9_000);
  });

  test('that cannot be sent is the fault of whoever asked, and says nothing about the upstream', async () => {
    const breaker = recordingBreaker();
    const { client, origin } = await upstreams.start((socket) => socket.write(answer()), [], {
      breakers: { critical: breaker },
    });
    await expect(client.fetch({ ...GET, headers: { 'x-bad': 'a\r\nb' } })).rejects.toMatchObject({
      code: 'malformed-request',
    });
    expect(breaker.verdicts).toEqual(['ignore']);
    expect(origin.heads).toEqual([]);
  });
});

describe('another attempt', () => {
  test('follows a 5xx of an idempotent request', async () => {
    const { client, outcomes } = await upstreams.start((socket, _head, nth) =>
      socket.write(nth === 0 ? unavailable : answer('fine')),
    );
    expect((await client.fetch(GET)).status).toBe(200);
    expect(outcomes).toEqual(['error', 'ok']);
  });

  test.each(['HTTP/1.1 501 Not Implemented', 'HTTP/1.1 505 HTTP Version Not Supported', 'HTTP/1.1 404 Not Found'])(
    'does not follow %s',
    async (line) => {
      const { client, origin } = await upstreams.start((socket) => socket.write(answer('', line)));
      expect((await client.fetch(GET)).status).toBe(Number(line.split(' ')[1]));
      expect(origin.heads).toHaveLength(1);
    },
  );

  test('never follows what may not be sent twice', async () => {
    const { client, origin } = await upstreams.start((socket) => socket.write(unavailable));
    expect((await client.fetch(POST)).status).toBe(503);
    expect(origin.heads).toHaveLength(1);
  });

  test('never follows a body that has been read from', async () => {
    const { client, origin } = await upstreams.start((socket) => socket.write(unavailable));
    const body = Readable.from([Buffer.from('x')], { objectMode: false });
    expect((await client.fetch({ ...GET, method: 'PUT', body })).status).toBe(503);
    expect(origin.heads).toHaveLength(1);
  });

  test('ends with the last answer that came', async () => {
    const { client, outcomes } = await upstreams.start((socket) => socket.write(unavailable), ['upstream.attempts=3']);
    const { status, body } = await client.fetch(GET);
    expect([status, String(await body.collect(10))]).toEqual([503, 'busy']);
    expect(outcomes).toEqual(['error', 'error', 'error']);
  });

  test('waits at random up to the back-off', async () => {
    const waits: number[] = [];
    const { client } = await upstreams.start((socket) => socket.write(unavailable), ['upstream.backoff=400ms'], {
      random: () => 0.5,
    });
    const start = performance.now();
    await client.fetch(GET);
    waits.push(performance.now() - start);
    expect(waits[0]).toBeGreaterThanOrEqual(195);
  });

  test('waits as long as Retry-After asks, where that fits into the budget', async () => {
    const busy = answer('', 'HTTP/1.1 429 Too Many Requests', ['Retry-After: 1']);
    const { client, origin } = await upstreams.start((socket, _head, nth) => socket.write(nth === 0 ? busy : answer()));
    const start = performance.now();
    expect((await client.fetch(GET)).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThan(950);
    expect((await client.fetch({ ...GET, timeoutMs: 500 })).status).toBe(200);
    expect(origin.heads).toHaveLength(3);
  });

  test.each([
    ['too long', 'HTTP/1.1 503 Service Unavailable', ['Retry-After: 60']],
    ['no time at all', 'HTTP/1.1 429 Too Many Requests', []],
  ])('does not follow an answer that asks for %s', async (_name, line, headers) => {
    const { client, origin } = await upstreams.start((socket) => socket.write(answer('', line, headers)));
    expect((await client.fetch(GET)).status).toBe(Number(line.split(' ')[1]));
    expect(origin.heads).toHaveLength(1);
  });

  test('is not made when the retry budget is used up', async () => {
    let asked = 0;
    const retryBudget = { onRequest: () => undefined, tryRetry: () => asked++ === 0 };
    const { client, origin } = await upstreams.start((socket) => socket.write(unavailable), [], { retryBudget });
    await Promise.all([client.fetch(GET), client.fetch(GET), client.fetch(GET)]);
    expect(origin.heads).toHaveLength(4);
  });

  test('is not made once the time is over', async () => {
    const { client, outcomes } = await upstreams.start(
      () => undefined,
      ['upstream.attemptTimeout=200ms', 'upstream.attempts=9'],
    );
    await expect(client.fetch({ ...GET, timeoutMs: 500 })).rejects.toMatchObject({ code: 'deadline-exceeded' });
    expect(outcomes.length).toBeLessThanOrEqual(3);
  });

  test('takes the place of one on a kept connection that had been closed, and is not counted', async () => {
    let stale = 0;
    // The origin closes its connection in answer to the second request on it.
    const served = new WeakSet();
    const { client, outcomes, origin } = await upstreams.start(
      (socket) => {
        if (served.has(socket)) socket.destroy();
        else socket.write(answer());
        served.add(socket);
      },
      ['upstream.attempts=1'],
      { onStale: () => stale++ },
    );
    await client.fetch(GET);
    expect((await client.fetch(GET)).status).toBe(200);
    expect([outcomes, stale, origin.sockets.length]).toEqual([['ok', 'ok'], 1, 2]);
  });

  test('does not take that place for what may have been carried out', async () => {
    const served = new WeakSet();
    const { client, origin } = await upstreams.start((socket) => {
      if (served.has(socket)) socket.destroy();
      else socket.write(answer());
      served.add(socket);
    });
    await client.fetch(GET);
    await expect(client.fetch(POST)).rejects.toMatchObject({ code: 'upstream-failed' });
    expect(origin.heads).toHaveLength(2);
  });
});

describe('a request that is given up', () => {
  test('before its head ends at once, closes its connection and is not tried again', async () => {
    const given = new AbortController();
    const { client, origin, outcomes } = await upstreams.start(() =>
      given.abort(new DOMException('gone', 'AbortError')),
    );
    await expect(client.fetch({ ...GET, signal: given.signal })).rejects.toMatchObject({ name: 'AbortError' });
    expect(outcomes).toEqual(['aborted']);
    await eventually(() => expect(origin.open()).toBe(0), 1_000, 5);
  });

  test('between two attempts makes no further one', async () => {
    const given = new AbortController();
    const { client, origin } = await upstreams.start((socket) => socket.write(unavailable), ['upstream.backoff=60s'], {
      random: () => 0.3,
    });
    const asked = client.fetch({ ...GET, signal: given.signal });
    await eventually(() => expect(origin.heads).toHaveLength(1));
    given.abort();
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
    expect(origin.heads).toHaveLength(1);
  });

  test('in the middle of its body breaks that off and closes its connection', async () => {
    const given = new AbortController();
    const { client, origin } = await upstreams.start((socket) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'),
    );
    const { body } = await client.fetch({ ...GET, signal: given.signal });
    const read = body.collect(100);
    given.abort(new DOMException('gone', 'AbortError'));
    await expect(read).rejects.toMatchObject({ message: 'gone' });
    await eventually(() => expect(origin.open()).toBe(0), 1_000, 5);
  });

  test('before it begins is never sent', async () => {
    const { client, origin } = await upstreams.start((socket) => socket.write(answer()));
    await expect(client.fetch({ ...GET, signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    expect(origin.sockets).toEqual([]);
  });
});
