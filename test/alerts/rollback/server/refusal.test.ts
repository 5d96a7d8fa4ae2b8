import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connect } from 'node:net';
import { eventually } from '../../../support/eventually.ts';
import { REFUSED, type Refused } from './refused.ts';
import { alert, notification, startTaker, TOKEN, type Taker } from './taker.ts';

let taker: Taker;

beforeEach(async () => {
  taker = await startTaker();
});
afterEach(() => taker.close());

describe('a notification is refused, logged, counted, and changes nothing:', () => {
  test.each<Refused>(REFUSED)('%s: %i', async (_, status, reason, body, headers = {}) => {
    const response = await taker.post(body, headers);
    const problem = (await response.json()) as { readonly detail: string; readonly status: number };

    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(problem).toMatchObject({ status, detail: expect.stringMatching(reason) as unknown });
    expect(problem.detail).not.toMatch(/[\r\n]/);
    expect(taker.lines).toEqual([
      expect.objectContaining({
        level: 'warn',
        fields: expect.objectContaining({ reason: problem.detail }) as unknown,
      }),
    ]);
    expect(await taker.counted()).toEqual({ accepted: 0, duplicate: 0, truncated: 0, refused: 1, busy: 0 });
    expect(taker.inbox()).toEqual({ events: [] });
    expect([taker.heard, taker.woken()]).toEqual([[], 0]);
    expect(JSON.stringify([problem, taker.lines])).not.toContain(TOKEN.slice(1));
  });

  test('one wrong alert among right ones', async () => {
    const response = await taker.post(notification([alert(), alert({}, { namespace: 'other' }), alert()]));

    expect(response.status).toBe(422);
    expect(taker.inbox().events).toEqual([]);
  });

  test('from an address that alerts do not come from, whatever it says of itself', async () => {
    await taker.close();
    taker = await startTaker({ sources: ['10.0.0.0/8', 'fc00::/7'] });
    const response = await taker.post(notification(), { 'x-forwarded-for': '10.0.0.1', forwarded: 'for=10.0.0.1' });

    expect(response.status).toBe(403);
    expect(taker.lines[0]?.fields).toMatchObject({ code: 'source-not-allowed' });
    expect(await taker.counted()).toMatchObject({ refused: 1 });
    expect(taker.inbox().events).toEqual([]);
  });

  test('a body that comes too slowly, while others are served', async () => {
    await taker.close();
    taker = await startTaker({ bounds: { maxBytes: 10_000, timeout: 200 } });
    const socket = connect(taker.port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const head = `POST /alerts HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${TOKEN}\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n`;
    socket.write(`${head}{`);
    const drip = setInterval(() => socket.write(' '), 50);
    expect((await taker.post(notification())).status).toBe(202);
    await closed;
    clearInterval(drip);

    expect(answer).toContain('HTTP/1.1 408');
    expect(await taker.counted()).toMatchObject({ refused: 1, accepted: 1 });
  });

  test('a body that breaks off', async () => {
    const socket = connect(taker.port, '127.0.0.1');
    socket.end(
      `POST /alerts HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${TOKEN}\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{`,
    );
    await eventually(async () => expect(await taker.counted()).toMatchObject({ refused: 1 }));

    expect(taker.inbox().events).toEqual([]);
  });
});

describe('another request is refused:', () => {
  test.each<[method: string, path: string, status: number]>([
    ['GET', '/alerts', 405],
    ['PUT', '/alerts', 405],
    ['DELETE', '/alerts', 405],
    ['POST', '/metrics', 405],
    ['POST', '/status', 405],
    ['GET', '/', 404],
    ['POST', '/alerts/', 404],
    ['POST', '/alert', 404],
    ['GET', '/constructor', 404],
    ['GET', '/alerts/../status/x', 404],
  ])('%s %s: %i', async (method, path, status) => {
    const response = await fetch(taker.origin + path, { method, headers: { authorization: `Bearer ${TOKEN}` } });

    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status });
    if (status === 405) expect(response.headers.get('allow')).toBe(path === '/alerts' ? 'POST' : 'GET');
    expect(taker.lines).toEqual([expect.objectContaining({ level: 'warn' })]);
    expect(taker.inbox().events).toEqual([]);
  });
});
