import { afterEach, describe, expect, test } from '@jest/globals';
import { definition, withValues } from '../../service/definition/index.ts';
import { makeReady } from '../../service/gateway/ready-answer.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { sendRaw } from '../support/raw.ts';

let gateway: TestGateway | undefined;
afterEach(() => gateway?.close());

const search = (...headers: string[]): string =>
  `GET /v1/search?q=a HTTP/1.1\r\nhost: a.test\r\nx-request-id: same\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`;

/** The bytes without what differs from one answer to the next: the moment, and what is left of the limits. */
function comparable(text: string): string {
  return text
    .replace(/^Date: .*$/m, 'Date: now')
    .replace(/^age: \d+/m, 'age: 0')
    .replace(/ttl=\d+/, 'ttl=0')
    .replace(/r=\d+;t=\d+/g, 'r=0;t=0');
}

describe('a kept answer that was made ready', () => {
  test.each([
    ['plain text', Buffer.from('{"a":"b"}')],
    ['bytes of every value', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
    ['nothing', Buffer.alloc(0)],
    ['letters beyond ASCII', Buffer.from('größer – 大')],
  ])('is sent as node:http would write it: %s', async (_name, body) => {
    gateway = await startGateway({
      search: () => ({ status: 200, headers: ['content-type', 'a/b', 'x-y', 'z'], body }),
    });
    await sendRaw(gateway.port, search(), 1);
    const ready = await sendRaw(gateway.port, search(), 1);
    // Naming what is the rule anyway makes the request an unusual one, which node:http answers by itself.
    const plain = await sendRaw(gateway.port, search('connection: keep-alive'), 1);
    expect(ready.text).toContain('x-cache: HIT');
    expect(comparable(ready.text)).toBe(comparable(plain.text));
    expect(ready.closed).toBe(false);
  });

  test('leaves the connection as it was, for as many requests as come', async () => {
    gateway = await startGateway(
      { search: () => ({ status: 200, headers: [], body: Buffer.from('x') }) },
      { service: withValues(definition.dev, ['limits.address=1000/min', 'routes.search.limit=1000/min']) },
    );
    await sendRaw(gateway.port, search(), 1);
    const { statuses } = await sendRaw(gateway.port, search().repeat(100), 100);
    expect(statuses).toEqual(Array.from({ length: 100 }, () => 200));
  });

  test.each([
    ['a client that ends the connection', search('connection: close'), true],
    ['HTTP/1.0', search().replace('HTTP/1.1', 'HTTP/1.0'), true],
  ])('is not for %s', async (_name, bytes, closed) => {
    gateway = await startGateway({ search: () => ({ status: 200, headers: [], body: Buffer.from('x') }) });
    await sendRaw(gateway.port, search(), 1);
    const answer = await sendRaw(gateway.port, bytes, 1);
    expect(answer.text).toContain('x-cache: HIT');
    expect(answer.closed).toBe(closed);
  });

  test('has no header that would be two lines', () => {
    expect(() => makeReady(200, ['x-a', 'b\r\nset-cookie: c'], Buffer.alloc(0))).toThrow('Invalid character');
    expect(() => makeReady(200, ['x a', 'b'], Buffer.alloc(0))).toThrow('valid HTTP token');
  });

  test('is none where it is large or of an unusual status', () => {
    expect(makeReady(200, [], Buffer.alloc(65_537))).toBeUndefined();
    expect(makeReady(206, [], Buffer.alloc(1))).toBeUndefined();
  });
});
