import { afterEach, describe, expect, test } from '@jest/globals';
import { findFreePort } from '../../../service/store/free-port.ts';
import { answer } from '../origin.ts';
import { GET, POST, TestUpstreams } from './client.ts';
import { recordingBreaker } from './recording-breaker.ts';

const upstreams = new TestUpstreams();
afterEach(() => upstreams.closeAll());

const unavailable = answer('busy', 'HTTP/1.1 503 Service Unavailable');

describe('the breaker', () => {
  test.each<[what: string, verdict: string, bytes: string | undefined]>([
    ['an answer', 'success', answer()],
    ['a 404', 'success', answer('', 'HTTP/1.1 404 Not Found')],
    ['a 501', 'success', answer('', 'HTTP/1.1 501 Not Implemented')],
    ['a 429', 'ignore', answer('', 'HTTP/1.1 429 Too Many Requests')],
    ['a 500', 'failure', answer('', 'HTTP/1.1 500 Internal Server Error')],
    ['a broken connection', 'failure', undefined],
  ])('counts %s as %s', async (_what, verdict, bytes) => {
    const breaker = recordingBreaker();
    const { client } = await upstreams.start((socket) =>
      bytes === undefined ? socket.destroy() : socket.write(bytes),
    );
    await client.fetch({ ...POST, breaker }).catch(() => undefined);
    expect(breaker.verdicts).toEqual([verdict]);
  });

  test('counts a timeout and a refused connection as failures, each attempt for itself', async () => {
    const breaker = recordingBreaker();
    const silent = await upstreams.start(() => undefined, ['upstream.attemptTimeout=50ms']);
    await silent.client.fetch({ ...GET, breaker }).catch(() => undefined);
    const nobody = upstreams.client(`http://127.0.0.1:${await findFreePort()}`);
    await nobody.client.fetch({ ...GET, breaker }).catch(() => undefined);
    expect(breaker.verdicts).toEqual(['failure', 'failure', 'failure', 'failure']);
  });

  test('counts a client that left as nothing', async () => {
    const breaker = recordingBreaker();
    const given = new AbortController();
    const { client } = await upstreams.start(() => given.abort());
    await client.fetch({ ...GET, breaker, signal: given.signal }).catch(() => undefined);
    expect(breaker.verdicts).toEqual(['ignore']);
  });

  test('that is open refuses with the time to wait, without asking the upstream', async () => {
    const breaker = recordingBreaker('open');
    const { client, origin, outcomes } = await upstreams.start((socket) => socket.write(answer()), [], {
      breakers: { background: breaker },
    });
    await expect(client.fetch({ ...GET, lane: 'background' })).rejects.toMatchObject({
      code: 'upstream-unavailable',
      details: { headers: ['retry-after', '3'] },
    });
    expect([origin.heads, outcomes]).toEqual([[], ['refused']]);
    expect((await client.fetch({ ...GET, lane: 'critical' })).status).toBe(200);
  });

  test('that opens lets no further attempt follow', async () => {
    const breaker = recordingBreaker();
    const { client, origin } = await upstreams.start((socket) => {
      breaker.state = 'open';
      socket.write(unavailable);
    });
    expect((await client.fetch({ ...GET, breaker })).status).toBe(503);
    expect(origin.heads).toHaveLength(1);
  });
});
