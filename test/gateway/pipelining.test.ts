import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { withoutFloods } from '../../service/gateway/pipelining.ts';
import { eventually } from '../support/eventually.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

let server: Server;
let client: Socket;
let waiting: ServerResponse[];
let told: number;
let isClosed: boolean;
let text: string;
beforeEach(async () => {
  [waiting, told, isClosed, text] = [[], 0, false, ''];
  server = createServer(
    withoutFloods((_request, response) => {
      told++;
      waiting.push(response);
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('data', (chunk: Buffer) => (text += chunk.toString()));
  client.on('error', () => undefined).on('close', () => (isClosed = true));
});
afterEach(() => {
  client.destroy();
  server.close();
});

const answerAll = (): void => waiting.splice(0).forEach((response) => response.end('ok'));

test('a client that sends request after request without an answer loses its connection', async () => {
  client.write(GET.repeat(1_000));
  await eventually(() => expect(isClosed).toBe(true));
  expect(told).toBe(16);
});

test('one that has its answers may send as many as it likes', async () => {
  for (let round = 1; round <= 5; round++) {
    client.write(GET.repeat(10));
    await eventually(() => expect(waiting).toHaveLength(10));
    answerAll();
    await eventually(() => expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(round * 10));
  }
  expect(isClosed).toBe(false);
});
